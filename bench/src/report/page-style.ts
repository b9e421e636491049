/** The look of a report's page, light and dark. Its charts take their colours from here. */
export const pageStyle = `
:root {
  --paper: #fbfbf9; --sheet: #ffffff; --ink: #1d1f24; --text: #5b606b; --grid: #e4e5e8; --target: #c22f3d;
  --good: #13795b; --bad: #c22f3d; --calm: #2a5db0;
  --series-0: #2a5db0; --series-1: #d9731a; --series-2: #13795b; --series-3: #9b3fa6; --series-4: #b3962c;
  --series-5: #2f8fa8; --series-6: #c2415f; --series-7: #6d6f78; --series-8: #7a5a3c; --series-9: #5f8a2c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14161a; --sheet: #1c1f25; --ink: #eceef2; --text: #a2a8b4; --grid: #333842; --target: #ff7a85;
    --good: #4cc79a; --bad: #ff7a85; --calm: #84aef5;
    --series-0: #84aef5; --series-1: #f5a65b; --series-2: #4cc79a; --series-3: #d692df; --series-4: #e0c661;
    --series-5: #6fc7dd; --series-6: #f38ba3; --series-7: #a9abb4; --series-8: #c7a283; --series-9: #a5cf71;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 980px; margin: 0 auto; padding: 48px 24px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 4px 0 10px; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 15px; margin: 0 0 14px; }
.kicker { margin: 0; color: var(--text); font-size: 13px; }
.kicker span { font-family: ui-monospace, monospace; }
.facts { color: var(--text); margin: 0 0 32px; display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; }
.verdict { color: var(--sheet); padding: 2px 12px; border-radius: 99px; font-size: 13px; background: var(--calm); }
.verdict.passed { background: var(--good); }
.verdict.failed { background: var(--bad); }
section { background: var(--sheet); border: 1px solid var(--grid); border-radius: 10px; padding: 20px 22px; margin: 0 0 18px; }
.failures { border-color: var(--bad); }
.failures ul { margin: 0; padding-left: 20px; }
.gauge { display: grid; grid-template-columns: minmax(180px, 1.2fr) 2fr 90px 90px; gap: 16px; align-items: center; padding: 5px 0; }
.track { position: relative; height: 10px; background: var(--grid); border-radius: 5px; }
.fill { position: absolute; inset: 0 auto 0 0; border-radius: 5px; background: var(--good); }
.past .fill { background: var(--bad); }
.line { position: absolute; top: -4px; bottom: -4px; width: 2px; background: var(--ink); }
.value { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
.past .value { color: var(--bad); }
.target { color: var(--text); font-variant-numeric: tabular-nums; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { color: var(--text); font-weight: 500; font-size: 13px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--grid); text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
th.right, td.right { text-align: right; }
.note { color: var(--text); font-size: 13px; margin: 12px 0 0; }
.about { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 24px; }
dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; font-size: 13px; }
dt { color: var(--text); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 640px) { .gauge { grid-template-columns: 1fr auto; } .track { grid-column: 1 / -1; order: 3; } }
@media print { section { break-inside: avoid; } }
`;
