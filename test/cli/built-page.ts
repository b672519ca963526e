const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;">
    <link rel="icon" href="./assets/icon-a1B2c3d0.svg" type="image/svg+xml" />
    <script type="module" crossorigin src="./assets/index-a1B2c3d1.js"></script>
    <link rel="modulepreload" crossorigin href="./assets/page-a1B2c3d2.js">
    <link rel="stylesheet" crossorigin href="./assets/index-a1B2c3d3.css">
  </head>
  <body>
    <div id="page"></div>
  </body>
</html>
`

/**
 * A page as the build writes one: a first script, what it imports, a view that is loaded later, and
 * the worker.
 */
export const PAGE: Readonly<Record<string, string>> = {
  'index.html': HTML,
  'assets/icon-a1B2c3d0.svg': '<svg/>',
  'assets/index-a1B2c3d1.js': `const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./view-a1B2c3d4.js"])))=>i.map(i=>d[i]);
import{a as e,default as t}from"./page-a1B2c3d2.js";tell("index",e,t());var n=()=>import(\`./view-a1B2c3d4.js\`).then(e=>e.view);n().then(e=>tell(e,__vite__mapDeps([0]).length));`,
  'assets/page-a1B2c3d2.js':
    'tell("page");var e=1,t=()=>new URL("x.bin",import.meta.url).href;export{e as a,t as default};',
  'assets/view-a1B2c3d4.js':
    'import{a as e}from"./page-a1B2c3d2.js";var $="view";tell("view",e);export{$ as view};',
  'assets/worker-a1B2c3d5.js': 'tell("worker");',
  'assets/index-a1B2c3d3.css': 'b{}',
  'assets/early-a1B2c3d6.css': 'a{}',
  'assets/corpus-a1B2c3d7.bin': 'text',
  'assets/model-a1B2c3d8.bin': 'model',
}
