// Preloaded into a server: its clock goes back an hour at each SIGUSR2, as one does that was wrong and is set.
// Clocks that only ever go on (`performance.now`, timers) are left alone, as the system leaves them alone.
const anHour = 3_600_000;
const RealDate = Date;
let backMs = 0;

process.on('SIGUSR2', () => {
  backMs += anHour;
});

const now = () => RealDate.now() - backMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
