import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random } from './random.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

type Role = 'api' | 'worker';

interface Member {
  readonly role: Role;
  process: ServerProcess;
  /** Undefined until it listens. */
  url: string | undefined;
}

/** Several processes on one database, of which any may be killed and started again. */
export class Fleet implements AsyncDisposable {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #members: readonly Member[];
  #kills = 0;

  constructor(settings: Readonly<Record<string, string>>, roles: readonly Role[]) {
    this.#settings = settings;
    this.#members = roles.map((role) => {
      const member: Member = { role, process: this.#spawn(role), url: undefined };
      this.#awaitReady(member);
      return member;
    });
  }

  /** Resolves once every process listens, or rejects with why one does not. */
  async ready(): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process.ready));
  }

  /** Where API processes listen now. */
  apiUrls(): readonly string[] {
    return this.#members.flatMap(({ role, url }) => (role === 'api' && url !== undefined ? [url] : []));
  }

  get kills(): number {
    return this.#kills;
  }

  /**
   * Kills a process at a random moment, again and again, and starts it anew: mostly workers, and an API
   * process only while another one listens; mostly one that listens, but at times one that is starting.
   */
  async killAtRandom(random: Random, goOn: () => boolean): Promise<void> {
    while (goOn()) {
      await sleep(400 + 1_200 * random());
      const role = this.apiUrls().length > 1 && random() < 0.25 ? 'api' : 'worker';
      const mayBeStarting = random() < 0.2;
      const candidates = this.#members.filter((member) => member.role === role && (mayBeStarting || member.url));
      if (candidates.length > 0) await this.#kill(pick(random, candidates));
    }
  }

  async #kill(member: Member): Promise<void> {
    member.url = undefined;
    await member.process.end('SIGKILL');
    this.#kills += 1;
    member.process = this.#spawn(member.role);
    this.#awaitReady(member);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map(({ process }) => process[Symbol.asyncDispose]()));
  }

  #spawn(role: Role): ServerProcess {
    return spawnServer({ ...this.#settings, ANIMA_ROLE: role });
  }

  #awaitReady(member: Member): void {
    const { process } = member;
    process.ready.then(
      (url) => {
        if (member.process === process) member.url = url;
      },
      () => undefined,
    );
  }
}
