import { PEERS } from './peers.js'
import { shapeName } from './work.js'

// The report as Markdown: a line for the machine, one for the versions, and a table for each shape.

export function tables(report) {
  return [head(report), ...report.shapes.map((one) => tableOf(one, report))].join('\n\n')
}

function head({ machine, place, threads, seconds, peak, shapes }) {
  const versions = new Map(
    shapes
      .flatMap(({ rows }) => rows)
      .flatMap((row) => (row.version ? [[row.peer, row.version]] : [])),
  )
  return [
    `On the CPU: ${machine}; ${place}; ${threads === 1 ? 'one thread' : `${threads} threads`}; the fastest run in ${seconds} s.`,
    ...(versions.size
      ? [`Versions: ${[...versions].map(([name, version]) => `${name} ${version}`).join(', ')}.`]
      : []),
    peakLine(peak),
  ].join('\n')
}

function peakLine({ why, fused, portable }) {
  if (why) return `What one thread of WebAssembly reaches was not measured: ${why}.`
  const withFused = fused ? `${fused.toFixed(0)} GFLOP/s with fused multiply-add, ` : ''
  return `One thread of WebAssembly reaches ${withFused}${portable.toFixed(0)} GFLOP/s with multiply then add.`
}

const FASTER = ['portable', 'fused']

function tableOf({ shape, operations, rows }, { peak, threads }) {
  const ratios = FASTER.filter((name) =>
    rows.some(({ peer, forward }) => peer === name && forward?.milliseconds),
  )
  const times = (work, row) => {
    const count = (work === 'both' ? 3 : 1) * operations
    return timeColumns(
      row[work],
      count,
      peak.fused && peak.fused * threads,
      ratioTo(rows, ratios, work),
    )
  }
  const columns = [
    'ms',
    'GFLOP/s',
    'of the fused peak',
    ...ratios.map((name) => `${name} is × faster`),
  ]
  const heads = ['forward', 'forward + backward'].flatMap((work) =>
    columns.map((column, n) => (n === 0 ? `${work}, ${column}` : column)),
  )
  const measured = rows.filter(({ forward }) => forward?.milliseconds)
  const lines = measured.map(
    (row) =>
      `| ${titleOf(row)} | ${[...times('forward', row), ...times('both', row)].join(' | ')} |`,
  )
  return [
    `### ${shapeName(shape)}\n`,
    `| N × T × D × d = ${shapeName(shape)} | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---:|').join('')}`,
    ...lines,
    ...notes(rows),
  ].join('\n')
}

/** How many times faster than a time regard's are, in the order of the names. */
const ratioTo = (rows, names, work) => (milliseconds) =>
  names.map((name) => {
    const own = rows.find(({ peer }) => peer === name)[work]?.milliseconds
    return own ? (milliseconds / own).toFixed(2) : '–'
  })

function timeColumns(timed, operations, peak, ratios) {
  if (!timed?.milliseconds) return ['–', '–', '–', ...ratios(0).map(() => '–')]
  const { milliseconds } = timed
  const rate = operations / milliseconds / 1e6
  return [
    significant(milliseconds),
    significant(rate),
    peak ? share(rate / peak) : '–',
    ...ratios(milliseconds),
  ]
}

const share = (x) => (x < 0.01 ? '< 1 %' : `${(100 * x).toFixed(0)} %`)

/** Three digits that count. */
const significant = (x) => (x >= 100 ? x.toFixed(0) : x.toPrecision(3))

function titleOf({ peer, note }) {
  const { title = peer } = PEERS.find(({ name }) => name === peer)
  return note ? `${title}, ${note}` : title
}

/** What was not measured, and why. */
function notes(rows) {
  const missing = rows.flatMap(({ peer, why, forward, both }) => {
    if (why ?? forward?.why) return [`- ${peer} not measured: ${why ?? forward.why}`]
    return both?.why ? [`- ${peer}, backward not measured: ${both.why}`] : []
  })
  return missing.length ? ['', ...missing] : []
}
