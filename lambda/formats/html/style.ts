/** The report's style sheet: system fonts, one accent, light and dark by the reader's own preference. */
export const style = `
:root{color-scheme:light dark;
--ink:light-dark(#15202b,#e6edf3);--soft:light-dark(#4d5b69,#a3b1bf);--line:light-dark(#d8dee4,#2f3a45);
--page:light-dark(#f5f7f9,#0d1319);--card:light-dark(#fff,#151d26);--wash:light-dark(#eef2f6,#1c2630);
--accent:light-dark(#1554b5,#86b7ff);
--fail:light-dark(#c4202b,#ff7b78);--fail-wash:light-dark(#fdeaea,#3a1618);--fail-ink:light-dark(#9c1620,#ffb1ae);
--error:light-dark(#b35309,#f0a04b);--error-wash:light-dark(#fdf0e0,#38220d);--error-ink:light-dark(#874006,#ffc98b);
--manual:light-dark(#8a6d00,#d9b83a);--manual-wash:light-dark(#fbf4d4,#312a0c);--manual-ink:light-dark(#675100,#f0d978);
--waived:light-dark(#0b7285,#5cc4d6);--waived-wash:light-dark(#e0f3f6,#0f2b31);--waived-ink:light-dark(#075563,#9fe0eb);
--pass:light-dark(#1c7f42,#4cc47b);--pass-wash:light-dark(#e4f5ea,#112c1c);--pass-ink:light-dark(#125a2e,#93e2b1);
--none:light-dark(#7a8794,#8795a3);--none-wash:light-dark(#e9edf1,#222c36);--none-ink:light-dark(#475462,#b8c4cf);
--silent:light-dark(#6b46b8,#b79cf2);--silent-wash:light-dark(#f0eafb,#271d3d);--silent-ink:light-dark(#50329a,#d3c1ff)}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums}
main,.top,.foot{max-width:1180px;margin:0 auto;padding:0 1.5rem}
.top{display:flex;align-items:center;gap:.9rem;padding-top:2rem}
.top svg{flex:none;width:42px;height:42px}
.top div{flex:1}
h1{font-size:1.5rem;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:1.12rem;margin:0 0 .9rem;letter-spacing:-.005em}
h3{font-size:.95rem;margin:0}
.when{margin:.15rem 0 0;color:var(--soft)}
a{color:var(--accent)}
code,.mono{font:.87em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.lead{font-size:1.32rem;line-height:1.35;margin:1.5rem 0 .4rem;font-weight:600;letter-spacing:-.01em}
.lead+p{margin:0;color:var(--soft);max-width:100ch}
.notes{margin:1rem 0 0;padding:0;list-style:none;display:grid;gap:.5rem}
.notes li{background:var(--manual-wash);color:var(--manual-ink);border-radius:8px;padding:.55rem .85rem;overflow-wrap:anywhere}
.notes li.bad{background:var(--fail-wash);color:var(--fail-ink)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem;margin:1.4rem 0 0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.85rem 1rem;border-top:3px solid var(--none)}
.tile dt{color:var(--soft);font-size:.84rem}
.tile dd{margin:.1rem 0 0;font-size:1.75rem;font-weight:650;line-height:1.15;letter-spacing:-.02em}
.tile dd small{display:block;font-size:.82rem;font-weight:400;color:var(--soft);letter-spacing:0;line-height:1.35;margin-top:.15rem}
.tile.fail{border-top-color:var(--fail)}.tile.pass{border-top-color:var(--pass)}.tile.silent{border-top-color:var(--silent)}
.tile.waived{border-top-color:var(--waived)}.tile.accent{border-top-color:var(--accent)}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.25rem 1.35rem;margin:1.1rem 0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1.1rem}.pair section{margin:0;min-width:0}.pair{margin:1.1rem 0}.pair .scroll table{min-width:0}
svg text{fill:var(--soft);font:11px system-ui,sans-serif}
.bar{display:block;width:100%;height:14px;border-radius:7px;overflow:hidden;background:var(--none-wash)}
.mini{display:block;width:110px;height:8px;margin-top:.45em;border-radius:4px;overflow:hidden;background:var(--none-wash)}
.f-fail{fill:var(--fail)}.f-error{fill:var(--error)}.f-manual{fill:var(--manual)}.f-waived{fill:var(--waived)}.f-pass{fill:var(--pass)}
.f-none{fill:var(--none)}.f-silent{fill:var(--silent)}.f-line{stroke:var(--line)}.f-now{fill:var(--fail)}.f-past{fill:var(--fail);opacity:.5}
.s-silent{fill:none;stroke:var(--silent);stroke-width:2}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:.7rem 0 0;padding:0;font-size:.88rem;color:var(--soft)}
.legend b{color:var(--ink);font-weight:600}
.dot{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.4em}
.d-fail{background:var(--fail)}.d-error{background:var(--error)}.d-manual{background:var(--manual)}.d-waived{background:var(--waived)}.d-pass{background:var(--pass)}.d-none{background:var(--none)}.d-silent{background:var(--silent)}
.scroll{overflow-x:auto;margin:0 -.4rem;padding:0 .4rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th{text-align:left;font-weight:600;color:var(--soft);font-size:.8rem;white-space:nowrap;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:bottom}
td,tbody th{padding:.5rem .7rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tbody th{font-weight:400;color:var(--ink);font-size:inherit;white-space:normal}
tbody tr:last-child>td,tbody tr:last-child>th{border-bottom:0}
.n{text-align:right;white-space:nowrap}.n+:not(.n){padding-left:.9rem}.zero{color:var(--soft)}
.sub{color:var(--soft);font-size:.86rem}
.wrap{overflow-wrap:anywhere}
.nowrap{white-space:nowrap}
.chip{display:inline-block;border-radius:999px;padding:.08rem .6rem;font-size:.8rem;font-weight:600;white-space:nowrap;background:var(--none-wash);color:var(--none-ink);margin:0 .25rem .15rem 0}
.chip.fail,.chip.critical,.chip.high{background:var(--fail-wash);color:var(--fail-ink)}.chip.error{background:var(--error-wash);color:var(--error-ink)}
.chip.manual,.chip.medium{background:var(--manual-wash);color:var(--manual-ink)}.chip.waived{background:var(--waived-wash);color:var(--waived-ink)}.chip.pass{background:var(--pass-wash);color:var(--pass-ink)}
.chip.silent{background:var(--silent-wash);color:var(--silent-ink)}.chip.new{background:var(--accent);color:var(--card)}
.tools{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;margin:0 0 .8rem}
.tools label{display:grid;gap:.2rem;font-size:.8rem;color:var(--soft);flex:1 1 150px}
.tools label.wide{flex:2 1 260px}
input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid light-dark(#8592a0,#5b6b7b);border-radius:8px;padding:.42rem .65rem;min-width:0}
button{cursor:pointer}button:hover{background:var(--wash)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.picks{display:flex;flex-wrap:wrap;gap:.4rem;margin:0 0 .9rem;padding:0;border:0}
.picks legend{position:absolute;left:-999px}
.picks button{border-radius:999px;padding:.22rem .8rem;font-size:.88rem;border-color:var(--line)}
.picks button[aria-pressed=true]{background:var(--ink);color:var(--card);border-color:var(--ink)}
.row{border:0;background:none;padding:0;text-align:left;color:var(--accent);font-weight:600;overflow-wrap:anywhere}
.row:hover,.link:hover{background:none;text-decoration:underline}
.link{border:0;background:none;padding:0;text-align:left;color:var(--accent)}
.row::before{content:"";display:inline-block;width:.45em;height:.45em;border-right:2px solid;border-bottom:2px solid;transform:rotate(-45deg);margin:0 .55em .12em .1em}
.row[aria-expanded=true]::before{transform:rotate(45deg);margin-bottom:.2em}
.inside>td{background:var(--wash);padding:.4rem 1.1rem 1.1rem;border-radius:10px}
.finding{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--none);border-radius:8px;padding:.75rem .95rem;margin:.7rem 0 0;max-width:110ch}
.finding.fail{border-left-color:var(--fail)}.finding.error{border-left-color:var(--error)}.finding.manual{border-left-color:var(--manual)}.finding.waived{border-left-color:var(--waived)}.finding.pass{border-left-color:var(--pass)}.finding.silent{border-left-color:var(--silent)}
.finding p{margin:.35rem 0 0;overflow-wrap:anywhere}
.finding code{background:var(--wash);border-radius:4px;padding:.05em .3em}.finding .do code{background:var(--card)}
.finding .do{background:var(--wash);border-radius:6px;padding:.5rem .7rem}
.finding .warn{color:var(--error-ink)}
details{margin:.8rem 0 0}summary{cursor:pointer;color:var(--accent)}
.foot{color:var(--soft);font-size:.86rem;padding-bottom:2.5rem}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem;z-index:1}
[hidden]{display:none!important}
@media(max-width:480px){.top{flex-wrap:wrap}.top div{flex-basis:70%}}
@media(max-width:820px){.scroll table{min-width:800px}.scroll tbody th{min-width:11rem}.inside>td{padding:.4rem .6rem .8rem}.inside>td>*{position:sticky;left:.6rem;max-width:calc(100vw - 5.2rem)}.pair{grid-template-columns:1fr}main,.top,.foot{padding-left:.9rem;padding-right:.9rem}section{padding:1rem}}
@media print{:root{color-scheme:light;font-size:11px}body{background:#fff;font-size:11px}.scroll table{min-width:0}.tiles{grid-template-columns:repeat(6,1fr)}.pair{grid-template-columns:1fr 1fr}.tools,.picks,#theme,.more,.skip{display:none!important}
section,.tile{border-color:#ccc;break-inside:auto}.tile,.finding,tr,.notes li{break-inside:avoid}.scroll{overflow:visible}main,.top,.foot{max-width:none;padding:0}
.bar,.mini,.chip,.dot,svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
