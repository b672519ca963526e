import type { Device, Handles } from '../device/device.ts'
import { expectOptions, valueText } from '../kinds.ts'
import type { BatchGradients } from './gradients.ts'
import { checkMoving, type MoveOptions, paceAt } from './train-options.ts'

/**
 * One step of a training loop: gradients are clipped together, then the optimizer moves each
 * parameter, of tables the rows that occurred.
 *
 * Parameters that have no gradient stay, and gradients of others are left out, of the norm too: to
 * freeze a parameter, leave it out of `parameters`.
 *
 * @param parameters those that the optimizer began with
 * @param gradients what `backward` or `sumGradients` gave
 * @param options `optimizer`; `pace`, the rate and decay of a parameter at a step; `clip`, the longest norm
 * @param step from 1
 * @throws {RangeError} where no parameter has a gradient, and for numbers that cannot be, {TypeError} for kinds and
 *   unknown options, before a parameter moves
 */
export function moveAll(
  device: Device,
  parameters: Handles,
  gradients: BatchGradients,
  options: MoveOptions,
  step: number,
): void {
  checkMoving('moveAll', options, step)
  expectOptions('moveAll: parameters', parameters, 'layer.parameters')
  if (typeof gradients?.dParameters !== 'object')
    throw new TypeError(
      `moveAll: gradients must be what backward or sumGradients gave, with dParameters, got ${valueText(gradients)}`,
    )
  const [own, given] = [parameters, gradients.dParameters].map(Object.keys)
  if (!own.some((name) => given.includes(name)))
    throw new RangeError(
      `moveAll: no parameter has a gradient: parameters are ${own.join(', ')}, gradients ${given.join(', ')}; give those of one layer, with its prefix`,
    )
  moveParameters(device, parameters, gradients, options, step, 'moveAll')
}

/** The same without its checks. */
export function moveParameters(
  device: Device,
  parameters: Handles,
  { dParameters, rows = {} }: BatchGradients,
  { optimizer, pace, clip }: MoveOptions,
  step: number,
  where = 'train',
): void {
  const gradients = Object.entries(dParameters).filter(([name]) => Object.hasOwn(parameters, name))
  const paces = gradients.map(([name]) => paceAt(pace, name, step, where))
  if (clip !== undefined)
    device.scope(() => {
      const squares = device.allocate([1])
      const handles = gradients.map(([, gradient]) => gradient)
      device.squaredNorm(handles, squares)
      device.clip(handles, squares, clip)
    })
  gradients.forEach(([name, gradient], n) => {
    const update = { name, parameter: parameters[name], gradient, rows: rows[name] }
    optimizer.move(device, update, paces[n], step)
  })
}
