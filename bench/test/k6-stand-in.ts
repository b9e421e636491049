// Runs the script that is named in the place of k6, and prints its options and what it would have sent.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , script = '', url = '', iterations = '1'] = process.argv;
const sent: object[] = [];
const answer = { status: 200 };
const request = (method: string, target: string, body: string | null, parameters: object) => {
  sent.push({ method, target, body, ...parameters });
  return answer;
};
const http = {
  get: (target: string, parameters: object) => request('GET', target, null, parameters),
  post: (target: string, body: string, parameters: object) => request('POST', target, body, parameters),
};
const slept: number[] = [];
const k6 = { check: () => true, sleep: (seconds: number) => void slept.push(seconds) };
Object.assign(globalThis, {
  standIn: { http, k6 },
  __ENV: { ANIMA_URL: url, ANIMA_SPACE: 'k6 test' },
  __VU: 1,
  __ITER: 0,
});

const modules = new Map([
  ['k6', 'export const { check, sleep } = globalThis.standIn.k6;'],
  ['k6/http', 'export default globalThis.standIn.http;'],
]);
registerHooks({
  resolve: (specifier, context, next) =>
    modules.has(specifier) ? { url: `stand-in:${specifier}`, shortCircuit: true } : next(specifier, context),
  load: (at, context, next) => {
    const source = modules.get(at.replace('stand-in:', ''));
    return source === undefined ? next(at, context) : { format: 'module', source, shortCircuit: true };
  },
});

const { default: iterate, options } = await import(pathToFileURL(script).href);
for (let turn = 0; turn < Number(iterations); turn += 1) {
  Object.assign(globalThis, { __ITER: turn });
  iterate();
}
process.stdout.write(JSON.stringify({ options, sent, slept }));
