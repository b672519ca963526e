const { join } = require('node:path')
const { openDevice } = require('regard')

import('./job.js')
  .then(({ job }) => job(join(__dirname, 'required.safetensors'), openDevice))
  .then((answer) => console.log(JSON.stringify(answer)))
