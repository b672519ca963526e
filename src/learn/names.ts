import type { Handle, Handles } from '../device/device.ts'
import type { LayerHost } from '../layer/parameters.ts'
import type { Objective } from './objective.ts'

/** Prefix of the names of parameters and losses. */
export const prefixOf = ({ prefix = '' }: Pick<LayerHost, 'prefix'>): string => prefix

const PREFIX =
  "give one of them a prefix in its host, such as { device, seed: 7, prefix: 'second.' }"

/**
 * All parameters that learn, by name.
 *
 * @throws {RangeError} for two parameters of one name, two names of one parameter, and two
 *   objectives of one name
 */
export function parametersOf(
  encoder: Pick<Objective, 'parameters'>,
  objectives: readonly Objective[],
): Handles {
  const parameters: Record<string, Handle> = {}
  const owners: Record<string, string> = {}
  const names = new Map<Handle, string>()
  const add = (owner: string, own: Handles): void => {
    for (const [name, handle] of Object.entries(own)) {
      const other = Object.hasOwn(parameters, name) ? parameters[name] : handle
      if (other !== handle)
        throw new RangeError(
          `train: ${owners[name]} and ${owner} each have a parameter ${name} of their own; ${PREFIX}`,
        )
      const called = names.get(handle) ?? name
      if (called !== name)
        throw new RangeError(
          `train: ${owners[called]} calls ${called} what ${owner} calls ${name}; give the parameter one name`,
        )
      parameters[name] = handle
      owners[name] ??= owner
      names.set(handle, name)
    }
  }
  add('the encoder', encoder.parameters)
  for (const { name, parameters: own } of objectives) add(`the objective ${name}`, own)
  const twice = objectives.find(
    ({ name }, n) => objectives.findIndex((other) => other.name === name) < n,
  )
  if (twice)
    throw new RangeError(
      `train: two objectives are called ${twice.name}; ${PREFIX}, or a name of its own: { ...objective, name: 'second' }`,
    )
  return parameters
}
