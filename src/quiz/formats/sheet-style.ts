/** How a sheet looks: black on white, one column, no item cut by the end of a page. */
export const STYLE = `
@page { size: A4; margin: 18mm 18mm 20mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem; color: #000; background: #fff;
  font: 11pt/1.45 'Iowan Old Style', 'Palatino Linotype', Palatino, 'TeX Gyre Pagella', Georgia, serif }
h1 { margin: 0 0 .6rem; font-size: 1.5em; line-height: 1.2 }
h2 { margin: 1.6rem 0 .4rem; padding-top: .4rem; border-top: 1px solid #000; font-size: 1.1em; break-after: avoid }
p { margin: .4rem 0 }
.who { display: flex; gap: .5rem; align-items: flex-end; margin: 1rem 0; font-weight: 600 }
.line { flex: 1; border-bottom: 1px solid #000; height: 1.6em }
.score { width: 3rem; border-bottom: 1px solid #000; margin-left: 1rem }
.which { float: right; margin: 0 0 0 1rem; font-weight: 600 }
.letter { flex: none; white-space: nowrap }
code { font-size: .9em; color: #444 }
article { margin: 1rem 0; break-inside: avoid }
.ask { break-after: avoid }
small { color: #444; font-size: .82em; white-space: nowrap }
ol { list-style: none; margin: .4rem 0 0; padding: 0 }
li { display: flex; gap: .5rem; align-items: baseline; margin: .3rem 0 }
.box { flex: none; width: 1em; height: 1em; border: 1px solid #000; align-self: baseline; line-height: 1; text-align: center;
  font: 700 .85em/1 sans-serif; transform: translateY(.1em) }
.box.single { border-radius: 50% }
.right > span:last-child { font-weight: 700 }
.right .said, .said { display: block; font-weight: 400; font-size: .9em; color: #333 }
.why { margin-left: 1.5rem; padding-left: .7rem; border-left: 2px solid #999; font-size: .93em }
.number .line { display: inline-block; width: 12rem }
mo.tml-prime { font-size: 1.2em }
math { font-family: 'Latin Modern Math', 'STIX Two Math', 'Cambria Math', 'Libertinus Math', math; font-size: 1.05em }
li math { math-style: normal }
@media print { body { max-width: none; padding: 0 } }
`
