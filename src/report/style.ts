/**
 * The look of the page. Colours are those of Okabe and Ito, which colour-blind readers tell apart, darker on white and lighter
 * on dark so that each stands out from its ground.
 */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --line: #e3e6ea; --track: #eef0f3;
  --text: #1b1f24; --quiet: #59636e; --accent: #005a8c;
  --blue: #0072b2; --orange: #e08a00; --grey: #8a939d; --green: #00835f; --red: #c44601;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1d2125; --line: #343a41; --track: #2a2f35;
    --text: #eceff2; --quiet: #a5b0bb; --accent: #7cc4ee;
    --blue: #56b4e9; --orange: #f0b040; --grey: #8b95a0; --green: #2fbf94; --red: #ef7b45;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 28px 16px 40px; max-width: 1112px;
  background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}
h1 { margin: 0; font-size: 26px; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 0; font-size: 17px; line-height: 1.3; }
p { margin: 4px 0 0; color: var(--quiet); }
.card { margin: 0; padding: 20px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; min-width: 0; }
main { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 16px; padding: 0; }
.tile { padding: 14px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile dt { color: var(--quiet); font-size: 13px; }
.tile dd { margin: 2px 0 0; font-size: 24px; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile dd small { display: block; font-size: 13px; font-weight: 400; color: var(--quiet); line-height: 1.4; }
svg { display: block; width: 100%; height: auto; margin-top: 14px; overflow: visible; }
svg.narrow { max-width: 560px; }
svg.wide { display: none; }
svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--quiet); font-variant-numeric: tabular-nums; }
svg text.label { fill: var(--text); }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--quiet); stroke-width: 1; }
.track { fill: var(--track); }
.pointer { fill: transparent; }
.bar:hover .pointer { fill: var(--track); }
.bar:hover :not(.pointer):not(title) { opacity: .8; }
.inbound, .single, .read { fill: var(--blue); background: var(--blue); }
.outbound, .open { fill: var(--orange); background: var(--orange); }
.unknown { fill: var(--grey); background: var(--grey); }
.good { fill: var(--green); background: var(--green); }
.bad { fill: var(--red); background: var(--red); }
.gap-ground { fill: var(--card); } .gap-line { fill: var(--red); }
.not-yet-ground { fill: var(--track); } .not-yet-line { fill: var(--grey); opacity: .55; }
.gap { background: repeating-linear-gradient(135deg, var(--red) 0 3px, var(--card) 3px 5px); }
.not-yet { background: repeating-linear-gradient(135deg, var(--grey) 0 2px, var(--track) 2px 5px); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 10px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--quiet); }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 6px; border-radius: 3px; vertical-align: -1px; }
details { margin-top: 12px; font-size: 14px; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroll { overflow-x: auto; margin-top: 10px; max-height: 420px; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 6px 12px 6px 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody th { white-space: normal; overflow-wrap: anywhere; min-width: 9em; }
th { font-weight: 500; } thead th { color: var(--quiet); font-size: 13px; position: sticky; top: 0; background: var(--card); }
th.number, td.number { text-align: right; }
th:last-child, td:last-child { padding-right: 0; }
footer { margin-top: 24px; font-size: 13px; color: var(--quiet); }
@media (min-width: 780px) {
  main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  #connections { grid-column: 1 / -1; }
}
@media (min-width: 1112px) {
  .full { grid-column: 1 / -1; }
  svg.wide { display: block; }
  svg.narrow { display: none; }
}
@media (max-width: 480px) {
  body { padding: 20px 10px 32px; }
  .card { padding: 16px 14px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 10px 12px; }
  .tile dd { font-size: 20px; }
}
@media print {
  .card, .tile { break-inside: avoid; }
  details { display: none; }
}
`
