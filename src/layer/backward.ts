import type { Device, Handle, Handles } from '../device/device.ts'
import { Tensor } from '../tensor.ts'
import { named, partOf } from './parameters.ts'
import { sumAt } from './rows.ts'
import type { GradientHandles, LayerParts, SavedTensors } from './saved.ts'
import { packRows, placesInText, segmentsByPlace, type Texts, unpackRows } from './texts.ts'

/**
 * Gradients of one forward, in the opposite order of its steps.
 *
 * dW_O = Cᵀ dY, dC = dY W_Oᵀ; the mechanism's dQ, dK, dV; dW_Q = Xᵀ dQ and so on; dX = dQ W_Qᵀ + dK
 * W_Kᵀ + dV W_Vᵀ.
 */
export function backward(
  layer: LayerParts,
  saved: SavedTensors,
  dContext: Handle,
): GradientHandles {
  const { device, own: parameters } = layer
  const { X, texts, places, rows, table, query, keys, call, attended, source, replaced } = saved
  const like = (handle: Handle): Handle => device.allocate(handle.shape)
  const dParameters: Record<string, Handle> = Object.fromEntries(
    Object.entries(parameters).map(([name, handle]) => [name, like(handle)]),
  )

  // forward was: Y = C W_O + b_O
  const dY = call.queryRows ? dContext : packRows(device, texts, dContext)
  const dC = parameters.W_O
    ? affineBackward(device, 'O', attended, dY, parameters, dParameters, like(attended))
    : dY

  // forward was: C = attention(Q, K, V)
  const [dQ, dK, dV] = [like(call.Q), like(call.K), like(call.V)]
  const own = {
    dAlignment: partOf('alignment', dParameters),
    dDistribution: partOf('distribution', dParameters),
  }
  device.attentionBackward(call, dC, {
    dQ,
    dK,
    dV,
    ...own,
    dPosition: partOf('position', dParameters),
  })

  // forward was: the queries of some rows were replaced
  const dQueries =
    replaced && device.allocate([replaced.at.shape[0], call.Q.shape[call.Q.shape.length - 1]])
  const dOwnQ = replaced ? like(call.Q) : dQ
  if (replaced && dQueries) {
    device.gather(dQ, replaced.at, dQueries)
    device.gather(dQ, replaced.own, dOwnQ)
  }

  // forward was: Q = X W_Q + b_Q, and K and V from X or the source, all of them, or K and V, at the
  // places of a table
  const collected = (dY: Handle): Handle => {
    if (!table) return dY
    const dTable = device.allocate([...rows.shape.slice(0, -1), dY.shape[dY.shape.length - 1]])
    sumAt(device, dY, table, dTable)
    return dTable
  }
  const dRows = like(rows)
  const dAsking = affineBackward(
    device,
    'Q',
    query.rows,
    query.at ? dOwnQ : collected(dOwnQ),
    parameters,
    dParameters,
    query.at ? like(query.rows) : dRows,
  )
  if (query.at) sumAt(device, dAsking, query.at, dRows)
  const dKeyRows = source ? like(keys) : dRows
  affineBackward(
    device,
    'K',
    keys,
    source ? dK : collected(dK),
    parameters,
    dParameters,
    dKeyRows,
    !source,
  )
  affineBackward(
    device,
    'V',
    keys,
    source ? dV : collected(dV),
    parameters,
    dParameters,
    dKeyRows,
    true,
  )

  // forward was: rows = X + P[t]
  if (dParameters['position.P'])
    positionBackward(
      device,
      texts,
      dRows,
      source && { texts: source.texts, dRows: dKeyRows },
      dParameters['position.P'],
    )
  return {
    dX:
      places && !table
        ? spreadBackward(device, dRows, places, like(X))
        : unpackRows(device, texts, dRows),
    dParameters: named(layer.host, dParameters),
    ...(source ? { dSource: unpackRows(device, source.texts, dKeyRows) } : {}),
    ...(dQueries ? { dQueries } : {}),
  }
}

/** Rows of a table were spread over their places. */
function spreadBackward(device: Device, dRows: Handle, places: Int32Array, dX: Handle): Handle {
  sumAt(device, dRows, places, dX)
  return dX
}

/** Y = XW + b: dW = Xᵀ dY, db = Σ dY, dX = dY Wᵀ, which is returned. */
function affineBackward(
  device: Device,
  letter: 'Q' | 'K' | 'V' | 'O',
  X: Handle,
  dY: Handle,
  parameters: Handles,
  dParameters: Handles,
  dX: Handle,
  accumulate = false,
): Handle {
  device.product(X, dY, dParameters[`W_${letter}`], { transposeA: true })
  if (dParameters[`b_${letter}`]) device.addBiasBackward(dY, dParameters[`b_${letter}`])
  device.product(dY, parameters[`W_${letter}`], dX, { transposeB: true, accumulate })
  return dX
}

/** dP[t] = Σ of the gradients of all rows at place t, those of the source too. */
function positionBackward(
  device: Device,
  texts: Texts,
  dRows: Handle,
  source: { texts: Texts; dRows: Handle } | undefined,
  dP: Handle,
): void {
  sumByPlace(device, texts, dRows, dP)
  if (!source) return
  const more = device.allocate(dP.shape)
  sumByPlace(device, source.texts, source.dRows, more)
  device.combine(1, dP, 1, more, dP)
}

function sumByPlace(device: Device, texts: Texts, dRows: Handle, dP: Handle): void {
  const { starts, occurrences } = segmentsByPlace(placesInText(texts), dP.shape[0])
  const segments = {
    starts: device.upload(new Tensor([starts.length], starts)),
    occurrences: device.upload(new Tensor([occurrences.length], occurrences)),
  }
  device.sumRows(dRows, segments, dP)
}
