/** What a server tells Prometheus at one moment. */
export interface Exposition {
  /** All samples of a metric together, those with these labels if any are named; undefined where there is none. */
  sum(metric: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

/** @throws Error when the server does not answer */
export async function readExposition(url: string): Promise<Exposition> {
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`${url}/metrics answered ${answer.status}`);
  const samples = [...(await answer.text()).matchAll(/^([a-z]\w*)(?:\{(.*)\})? (\S+)$/gm)];
  return {
    sum(metric, labels = {}) {
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const found = samples.filter(
        ([, name, given = '']) => name === metric && wanted.every((one) => given.includes(one)),
      );
      return found.length === 0 ? undefined : found.reduce((total, [, , , value]) => total + Number(value), 0);
    },
  };
}
