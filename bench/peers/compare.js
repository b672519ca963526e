import { availableParallelism, cpus } from 'node:os'
import { installedVersion, obstacle, settingsOf } from './peers.js'
import { tables } from './tables.js'
import { operationsOf, SHAPES, shapeName, workOf } from './work.js'

/**
 * Measures peer after peer and prints what they took.
 *
 * @param ask gives a job to a process or page of its own and resolves to its answer: { peer,
 *   module, … } → numbers, or { why }
 * @param place where that is, such as «Node 24.1.0», and why a peer cannot run there
 * @throws {Error} if a result disagrees with the reference
 */
export async function compare(options, place, ask) {
  const { threads, seconds } = options
  const peak = await ask({ module: './peak.js', seconds, relaxed: true })
  const shapes = []
  for (const number of options.shapes) {
    const shape = SHAPES[number - 1]
    const work = await workOf(shape)
    const rows = []
    for (const peer of options.peers) {
      process.stderr.write(`${shapeName(shape)}  ${peer.name}\n`)
      const why = place.obstacle(peer) ?? obstacle(peer, number)
      const job = {
        module: `./layers/${peer.layer}.js`,
        settings: settingsOf(peer, options),
        relaxed: peer.relaxed,
      }
      const answer = why ? { why } : await ask({ ...job, work, shape, threads, seconds })
      if (answer.disagrees)
        throw new Error(`${peer.name} at ${shapeName(shape)}: ${answer.disagrees}`)
      rows.push({ peer: peer.name, ...answer, version: answer.version ?? installedVersion(peer) })
    }
    shapes.push({ shape, operations: operationsOf(shape), rows })
  }
  const report = { machine: machine(), place: place.name, threads, seconds, peak, shapes }
  console.log(options.json ? JSON.stringify(report, null, 1) : tables(report))
}

const machine = () =>
  `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${process.platform} ${process.arch}`
