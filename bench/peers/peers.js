import { readFileSync } from 'node:fs'

// Who is measured. The first lines are regard itself; `layer` is a module of layers/.

export const PEERS = [
  {
    name: 'reference',
    title: 'regard, reference',
    layer: 'regard',
    settings: { device: 'reference' },
    shapes: 2,
  },
  {
    name: 'portable',
    title: 'regard, portable',
    layer: 'regard',
    settings: { device: 'wasm', arithmetic: 'portable' },
  },
  {
    name: 'fused',
    title: 'regard, fused',
    layer: 'regard',
    settings: { device: 'wasm', arithmetic: 'fused' },
    relaxed: true,
  },
  {
    name: 'onnxruntime-web',
    layer: 'onnxruntime',
    settings: { package: 'onnxruntime-web' },
    package: 'onnxruntime-web',
  },
  { name: 'jax-js', layer: 'jax-js', package: '@jax-js/jax', node: 22 },
  { name: 'tfjs-wasm', layer: 'tfjs-wasm', package: '@tensorflow/tfjs-backend-wasm' },
  {
    name: 'onnxruntime-node',
    title: 'onnxruntime-node (native)',
    layer: 'onnxruntime',
    settings: { package: 'onnxruntime-node' },
    package: 'onnxruntime-node',
    native: true,
  },
  { name: 'pytorch', title: 'PyTorch (native)', layer: 'pytorch', native: true },
]

/** Version of an installed package; undefined where there is none. */
export function installedVersion({ package: name }) {
  try {
    return JSON.parse(
      readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8'),
    ).version
  } catch {
    return undefined
  }
}

/** Why a peer cannot be measured here; undefined where it can. */
export function obstacle(peer, shapeNumber) {
  if (peer.shapes < shapeNumber) return `only the first ${peer.shapes} shapes`
  if (peer.package && !installedVersion(peer)) return 'not installed: npm ci --prefix bench/peers'
  return undefined
}

/** What a module of layers/ is told beside the work. */
export const settingsOf = ({ name, settings }, { python }) =>
  name === 'pytorch' ? { ...settings, python } : settings
