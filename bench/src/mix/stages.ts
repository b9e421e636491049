/** Part of a load: its number of users goes in a straight line to `users`. */
export interface Stage {
  readonly seconds: number;
  readonly users: number;
}

/** What the stages of `--fast` take of the time of the real ones. */
const fastPart = 1 / 8;

/** The stages of the reference load, which has 50 users at its highest. */
export function referenceStages(users: number, isFast: boolean): readonly Stage[] {
  const stages: readonly Stage[] = [
    { seconds: 30, users: Math.ceil(users / 5) },
    { seconds: 60, users },
    { seconds: 120, users },
    { seconds: 30, users: 0 },
  ];
  return stages.map((stage) => ({ ...stage, seconds: stage.seconds * (isFast ? fastPart : 1) }));
}

export function lengthOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** How many users there are after a time; none after the last stage. */
export function usersAt(stages: readonly Stage[], elapsedSeconds: number): number {
  let [begun, before] = [0, 0];
  for (const { seconds, users } of stages) {
    if (elapsedSeconds < begun + seconds) {
      return Math.round(before + ((users - before) * (elapsedSeconds - begun)) / seconds);
    }
    [begun, before] = [begun + seconds, users];
  }
  return 0;
}
