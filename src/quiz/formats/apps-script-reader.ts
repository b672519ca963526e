import { MARK } from './apps-script.ts'

/**
 * The JSON of the quiz that a script of `writeAppsScript` holds, and the line that it begins in.
 *
 * @param name what the file is called in errors
 * @throws {RangeError} where it holds none
 */
export function quizInScript(
  text: string,
  name: string,
): { readonly json: string; readonly line: number } {
  const at = text.indexOf(MARK)
  const from = text.indexOf('\n', at)
  const to = text.indexOf('*/', at)
  if (at < 0 || from < 0 || to < from)
    throw new RangeError(
      `${name}: it holds no quiz; only a script that regard quiz export wrote, and its last comment whole, can be read`,
    )
  return { json: text.slice(from + 1, to), line: text.slice(0, from).split('\n').length + 1 }
}
