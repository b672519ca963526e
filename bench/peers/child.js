import { answerTo } from './measure.js'

// The process in which one peer is measured: gets the job as a message, answers with one.

process.once('message', async (job) => {
  process.send(await answerTo(job, (name) => import(name)), () => process.exit())
})
