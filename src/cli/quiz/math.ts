import type Temml from 'temml'

/**
 * A formula of a quiz as MathML, by a library that nothing else loads; one that it cannot read is
 * shown as it is written.
 */
export async function mathWriter(): Promise<(tex: string) => string> {
  const { default: temml } = (await import('temml')) as { default: typeof Temml }
  return (tex) =>
    temml.renderToString(tex, {
      throwOnError: false,
      maxExpand: 200,
      maxSize: [20, 200],
      trust: false,
    })
}
