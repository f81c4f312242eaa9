"""How a report looks: the desk's colours and type, on screen in light and dark, and on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #fafaf8; --surface: #ffffff; --text: #1c2126; --quiet: #57616b; --line: #dfe2e5; --outline: #7a858f;
  --accent: #1f5fa8; --on-strong: #ffffff;
  --filed: #1d6b3e; --waits: #8a4f00; --unknown: #6a3f9c; --unreadable: #b0261c; --alarm: #b0261c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --surface: #1b1f23; --text: #e3e6e9; --quiet: #a0a9b2; --line: #30363c; --outline: #76828d;
    --accent: #82b4f0; --on-strong: #10151b;
    --filed: #6cc890; --waits: #e3ab58; --unknown: #c4a2ee; --unreadable: #f3938b; --alarm: #f3938b;
  }
}
* { box-sizing: border-box; }
html {
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; color: var(--text); background: var(--ground);
}
body { max-width: 1040px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { margin: 0; font-size: 24px; font-weight: 600; line-height: 1.3; }
h2 { margin: 48px 0 8px; padding-top: 16px; font-size: 18px; font-weight: 600; border-top: 1px solid var(--line); }
h3 { margin: 24px 0 8px; font-size: 15px; font-weight: 600; }
figure h3 { margin-top: 0; }
p { max-width: 76ch; margin: 8px 0; }
.quiet, figcaption, th { color: var(--quiet); font-size: 13px; }
.verdict { margin-top: 16px; font-size: 18px; line-height: 1.4; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 16px; margin: 24px 0; }
.figures div { padding-left: 12px; border-left: 3px solid var(--line); }
.figures dt { color: var(--quiet); font-size: 13px; }
.figures dd { margin: 0; font-size: 24px; line-height: 1.3; }
.figures dd small { display: block; color: var(--quiet); font-size: 13px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 24px; margin: 8px 0 0; padding: 0; list-style: none; }
.key li::before { content: ""; display: inline-block; width: 12px; height: 12px; margin-right: 8px; border-radius: 2px;
  background: var(--colour); }
.key .filed { --colour: var(--filed); } .key .waits { --colour: var(--waits); }
.key .unknown { --colour: var(--unknown); } .key .unreadable { --colour: var(--unreadable); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 24px; }
figure { margin: 16px 0 0; }
figure, .scroll { overflow-x: auto; }
figcaption { max-width: 60ch; margin-top: 4px; }
svg { display: block; max-width: 100%; height: auto; }
.wide svg { max-width: none; }
table { border-collapse: collapse; margin: 8px 0; }
th, td { padding: 4px 16px 4px 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
td.figure, th.figure { text-align: right; }
td svg { display: inline-block; vertical-align: middle; }
svg text { fill: var(--text); font-size: 12px; font-family: inherit; }
svg .quiet { fill: var(--quiet); } svg .figure { fill: var(--text); }
.grid { stroke: var(--line); } .ideal { stroke: var(--outline); stroke-dasharray: 3 4; }
.bar { fill: var(--accent); fill-opacity: 0.55; } .interval { stroke: var(--text); stroke-width: 1.2; }
.curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.limit { stroke: var(--alarm); stroke-dasharray: 6 4; } svg .limit-text { fill: var(--alarm); }
.chosen { fill: var(--filed); stroke: var(--surface); stroke-width: 2; } .chosen-line { stroke: var(--filed); }
svg .chosen-text { fill: var(--filed); font-weight: 600; }
.fate-filed { fill: var(--filed); } .fate-waits { fill: var(--waits); } .fate-unknown { fill: var(--unknown); }
.fate-unreadable { fill: var(--unreadable); }
.right { fill: var(--accent); } .wrong { fill: var(--alarm); } .empty { fill: var(--line); fill-opacity: 0.35; }
.own { fill: var(--line); }
svg .count { font-size: 10.5px; } svg .count.strong { fill: var(--on-strong); }
svg .name { font-size: 12px; } .family { stroke: var(--outline); }
.part { fill: var(--accent); } .rest { fill: var(--line); }
@media print {
  html { background: none; font-size: 12px; }
  body { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
