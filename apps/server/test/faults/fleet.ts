import { setTimeout as sleep } from 'node:timers/promises';
import { pick, type Random } from './random.ts';
import { type Ended, type ServerProcess, spawnServer } from './server-process.ts';

/** Between the end of a process and its next start, ms. */
const restartMs = 200;

/** Processes that do not listen by then do not come back, ms. */
const patienceMs = 90_000;

type Settings = Readonly<Record<string, string>>;
export type Role = 'all' | 'api' | 'worker';

interface Member {
  readonly role: Role;
  process: ServerProcess;
  /** Undefined until it listens. */
  url: string | undefined;
}

/** Processes on one database. Any may be killed or end by itself: it is started again, as a supervisor would. */
export class Fleet implements AsyncDisposable {
  readonly #members: readonly Member[];
  #settings: Settings;
  #isDown = false;
  readonly #defects: string[] = [];

  constructor(settings: Settings, roles: readonly Role[]) {
    this.#settings = settings;
    this.#members = roles.map((role) => ({ role, process: this.#spawn(role), url: undefined }));
    for (const member of this.#members) this.#watch(member);
  }

  /** Resolves once every process listens. */
  async ready(): Promise<void> {
    for (const begun = Date.now(); this.#members.some(({ url }) => url === undefined); await sleep(10)) {
      if (Date.now() - begun > patienceMs) throw new Error(`not every process came up: ${this.#defects.join('\n')}`);
    }
  }

  /** Where processes that answer listen now. */
  urls(): readonly string[] {
    return this.#members.flatMap(({ role, url }) => (role !== 'worker' && url !== undefined ? [url] : []));
  }

  /** What ended by itself after it had listened: none should. */
  get defects(): readonly string[] {
    return this.#defects;
  }

  /** Kills one process of this role, or every process. */
  async kill(role: Role | 'every', random: Random): Promise<void> {
    const candidates = this.#members.filter((member) => role === 'every' || member.role === role);
    const killed = role === 'every' ? candidates : [pick(random, candidates)];
    await Promise.all(killed.map((member) => this.#replace(member, 'SIGKILL')));
  }

  /** Kills one that is still starting, so often, each time within `longestMs`, and lets it start in peace then. */
  async killWhileStarting(random: Random, times: number, longestMs: number): Promise<void> {
    const [member] = this.#members;
    for (let time = 0; member && time < times; time += 1) {
      await sleep(longestMs * random());
      await this.#replace(member, 'SIGKILL');
    }
  }

  /** Tells one to stop, and starts the next in its place once it has. */
  async restart(url: string): Promise<Ended> {
    const member = this.#members.find((each) => each.url === url);
    if (!member) throw new Error(`nobody listens at ${url}`);
    return this.#replace(member, 'SIGTERM');
  }

  /** Tells every process to stop, and starts none. */
  async stop(): Promise<readonly Ended[]> {
    this.#isDown = true;
    return Promise.all(
      this.#members.map((member) => {
        member.url = undefined;
        return member.process.end('SIGTERM');
      }),
    );
  }

  /** Starts them again; from now on with these settings too. */
  start(more: Settings = {}): void {
    this.#isDown = false;
    this.#settings = { ...this.#settings, ...more };
    for (const member of this.#members) {
      member.process = this.#spawn(member.role);
      this.#watch(member);
    }
  }

  signal(signal: NodeJS.Signals): void {
    for (const { process: member } of this.#members) process.kill(member.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDown = true;
    await Promise.all(this.#members.map(({ process }) => process[Symbol.asyncDispose]()));
  }

  async #replace(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended> {
    const { process } = member;
    // Who is killed says nothing; clients of one that is told to stop find out by themselves.
    if (signal === 'SIGKILL') member.url = undefined;
    const ended = await process.end(signal);
    await this.#takePlace(member, process);
    return ended;
  }

  /** Whoever sees the end of a process first starts the next. */
  async #takePlace(member: Member, gone: ServerProcess): Promise<void> {
    if (this.#isDown || member.process !== gone) return;
    member.url = undefined;
    member.process = this.#spawn(member.role);
    this.#watch(member);
  }

  #spawn(role: Role): ServerProcess {
    return spawnServer({ ...this.#settings, ANIMA_ROLE: role });
  }

  #watch(member: Member): void {
    const { process } = member;
    const isItsProcess = () => member.process === process;
    process.ready.then(
      (url) => {
        if (isItsProcess()) member.url = url;
      },
      () => undefined,
    );
    void process.ended.then(async ({ code, stdout, stderr }) => {
      if (this.#isDown || !isItsProcess()) return;
      // A start may fail while the database is away. Once it listens, nothing ends it but a signal.
      if (member.url !== undefined && code !== 0 && code !== null) this.#defects.push(`${code}: ${stdout}${stderr}`);
      member.url = undefined;
      await sleep(restartMs);
      await this.#takePlace(member, process);
    });
  }
}
