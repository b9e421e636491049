import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Opened, onEveryEngine } from '../engines.ts';
import { LifeModel } from '../life/model.ts';
import { type Answer, type Request, type Seen, Unexplained } from '../life/requests.ts';
import { Requests, type Step, steps } from '../life/steps.ts';
import { LifeSubject } from '../life/subject.ts';
import { expectSame, expectSameAtOnce, found } from '../life/views.ts';
import { vectorOf } from '../word-model.ts';

/** Histories of one test; more where somebody has the time. */
const runs = Number(process.env.ANIMA_TEST_RUNS ?? 4);

/** After this no further history is begun, nor one that failed made smaller: as it hangs on the clock, it may never be. */
const longestMs = 120_000 * Math.max(1, runs / 4);

/** Steps of a history at most. */
const longest = 70;

/** Orders of one burst that are looked at: most make the same of it. */
const mostExplanations = 300;

/** Each history has a space alone on its shard: a database has room for fewer than 64. */
const historiesOfDatabase = 50;

onEveryEngine('the life of memories, by chance', (opened) => {
  test('whatever happens in whatever order, at once, and with crashes: all that can be seen is what a plain model says', async () => {
    const { kind } = opened().engine;
    let database = await Opened.open(kind);
    let run = 0;
    const command = steps(kind === 'pglite' ? 4 : 8).map((step) => new Command(step));
    const histories = fc.commands([command], { maxCommands: longest, size: 'max' });
    await fc.assert(
      fc.asyncProperty(histories, async (commands) => {
        if (run > 0 && run % historiesOfDatabase === 0) {
          await database.close();
          database = await Opened.open(kind);
        }
        run += 1;
        const real = new Life(new LifeSubject(database, await database.newSpace()), `r${run}`);
        await fc.asyncModelRun(() => ({ model: {}, real }), commands);
        await expectSame(real.model, real.subject);
      }),
      { numRuns: runs, interruptAfterTimeLimit: longestMs },
    );
    for await (const step of database.store.rebuild({ verify: true })) {
      if (step.type === 'report') expect(step.report.differences).toEqual([]);
    }
    await database.close();
  }, 3_600_000);
});

/** One step; what it is about is found out when it is taken. */
class Command implements fc.AsyncCommand<object, Life> {
  readonly step: Step;
  constructor(step: Step) {
    this.step = step;
  }
  check = () => true;
  run = (_: object, real: Life) => real.take(this.step);
  toString = () => JSON.stringify(this.step);
}

interface Sent {
  readonly request: Request;
  /** Undefined as long as nobody heard. */
  answer: Answer | undefined;
}

/** A space, and the model of it. */
class Life {
  model = new LifeModel();
  readonly subject: LifeSubject;
  readonly #requests: Requests;

  constructor(subject: LifeSubject, run: string) {
    this.subject = subject;
    this.#requests = new Requests(run);
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'request': {
        const request = this.#requests.from(this.model, step.wish);
        if (request) await this.#ask(request, step.embeds);
        return;
      }
      case 'burst': {
        const requests = step.wishes.flatMap((wish) => this.#requests.from(this.model, wish) ?? []);
        return this.#askAtOnce(requests, step.crashesAfterMs);
      }
      case 'fold':
        return this.subject.fold(step.size);
      case 'count':
        return void (await this.subject.countLexemes(step.size));
      case 'look':
        return expectSame(this.model, this.subject);
      case 'reopen':
        return this.subject.opened.reopen();
    }
  }

  async #ask(request: Request, embeds: boolean): Promise<void> {
    const answer = await this.subject.ask(request);
    if (request.kind === 'query' && 'value' in answer && request.key === undefined) this.#expectFound(request, answer);
    const [model] = explanations(this.model, [{ request, answer }], await this.subject.newEvents());
    this.model = model!;
    if (request.kind === 'expire') expect(this.model.due()).toEqual([]);
    if (embeds) await this.#embed(request, answer);
  }

  #expectFound(request: Request & { kind: 'query' }, { value }: { readonly value: unknown }): void {
    const wanted = vectorOf(request.text);
    const isNear = ({ id, contents }: { readonly id: string; readonly contents: readonly string[] }) => {
      if (!this.subject.embedded.has(`${id} ${contents.length}`)) return false;
      const vector = vectorOf(contents.at(-1)!);
      return vector.reduce((sum, one, place) => sum + one * wanted[place]!, 0) >= 0.25;
    };
    expect((value as { ids: string[] }).ids.toSorted()).toEqual(found(this.model, request, isNear));
  }

  /** Vectors come after the fact, some of them never. */
  async #embed(request: Request, answer: Answer): Promise<void> {
    if (!('value' in answer)) return;
    const said =
      request.kind === 'add'
        ? (answer.value as { memoryId: string; isNew: boolean }[]).flatMap(({ memoryId, isNew }) =>
            isNew ? memoryId : [],
          )
        : request.kind === 'update'
          ? [request.id]
          : [];
    for (const id of said) {
      const life = this.model.lives.get(id);
      const content = life?.contents.at(-1);
      if (life && content !== undefined) await this.subject.embed(id, life.contents.length, content);
    }
  }

  async #askAtOnce(requests: readonly Request[], crashesAfterMs: number | undefined): Promise<void> {
    const sent = requests.map((request): Sent => ({ request, answer: undefined }));
    const failures: unknown[] = [];
    const asking = Promise.all(
      sent.map(async (one) => {
        try {
          one.answer = await this.subject.ask(one.request);
        } catch (error) {
          failures.push(error);
        }
      }),
    );
    if (crashesAfterMs === undefined) {
      await asking;
      expect(failures).toEqual([]);
      return this.#learn(sent);
    }
    await sleep(crashesAfterMs);
    // What is answered later was answered by nobody.
    const heard = await this.subject.opened.crash(() => sent.map((one) => ({ ...one })), asking);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
    return this.#learn(heard);
  }

  /**
   * Of the orders that explain what was heard, some may not agree on what nobody heard an answer to (which of two
   * settings came last): there what is seen now decides.
   */
  async #learn(sent: readonly Sent[]): Promise<void> {
    const events = await this.subject.newEvents();
    const keys = await this.subject.rememberedKeys();
    let firstFailure: unknown;
    let looked = 0;
    for (const model of explanations(this.model, sent, events, keys)) {
      looked += 1;
      if (looked > mostExplanations) break;
      try {
        await expectSameAtOnce(model, this.subject);
        this.model = model;
        return;
      } catch (error) {
        firstFailure ??= error;
      }
    }
    throw firstFailure;
  }
}

/**
 * The models after each order of these requests that gives the very answers that were heard, and the very events
 * of the log. What nobody heard an answer to may have happened or not; where it left no event, its key tells.
 *
 * @throws Error when there is none, saying how far the best got
 */
function* explanations(
  model: LifeModel,
  sent: readonly Sent[],
  events: readonly Seen[],
  keys?: readonly string[],
): Generator<LifeModel, void> {
  const whyNot = new Map<string, number>();
  function* search(from: LifeModel, left: readonly Sent[], seen: readonly Seen[]): Generator<LifeModel, void> {
    const isOver = seen.length === 0 && left.every(({ answer }) => answer === undefined);
    if (isOver && (!keys || [...from.requests.keys()].toSorted().join() === keys.join())) yield from;
    for (const one of left) {
      const next = from.clone();
      const used = tryNext(next, one, seen, (reason) => whyNot.set(reason, seen.length));
      if (used === undefined) continue;
      const others = left.filter((other) => other !== one);
      yield* search(next, others, seen.slice(used));
    }
    if (left.length === 0) whyNot.set(`what is left of the log: ${JSON.stringify(seen)}`, seen.length);
  }
  let isExplained = false;
  for (const explained of search(model, sent, events)) {
    isExplained = true;
    yield explained;
  }
  if (isExplained) return;
  // Where the search got furthest.
  const least = Math.min(...whyNot.values());
  const reasons = [...whyNot].filter(([, count]) => count === least).map(([reason]) => reason);
  throw new Error(`no order of what was asked explains the answers and the log:\n${reasons.join('\n')}`);
}

/** Applies a request to the model; answers how many events it took, or undefined where it cannot have come next. */
function tryNext(
  model: LifeModel,
  { request, answer: heard }: Sent,
  seen: readonly Seen[],
  because: (reason: string) => void,
): number | undefined {
  try {
    const { answer, used } = model.apply(request, seen);
    if (heard !== undefined) expect(shown(request, heard)).toEqual(shown(request, answer));
    return used;
  } catch (error) {
    because(`${JSON.stringify({ request, answer: heard })}: ${(error as Error).message}`);
    if (!(error instanceof Unexplained) && (error as Error).name !== 'AssertionError') throw error;
    return undefined;
  }
}

/** An answer as it can be compared: what a query shows is read after it was recorded, and may have gone by then. */
function shown({ kind }: Request, answer: Answer): unknown {
  if (kind !== 'query' || !('value' in answer)) return answer;
  return (answer.value as { recallId: string | null }).recallId ?? 'unrecorded';
}
