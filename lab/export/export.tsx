import './export.css'
import { useSignal } from '@preact/signals'
import { download } from '../parts/files.ts'
import { addressOf } from '../state/address.ts'
import { settings } from '../state/settings.ts'
import { type View, type ViewName, viewNames } from '../view.ts'
import { t } from '../words/words.ts'
import { csvOf, svgOf } from './files.ts'

/** What can be taken off the page for a lesson, beside the doors of the views. */
const PARTS = ['doors', 'lang', 'theme', 'text', 'position', 'formula', 'tables', 'export', 'seed']

/** The view as it is now: as a picture, as numbers, as a link. */
export function Export({ view, name }: { view: View; name: ViewName }) {
  const words = t().export
  const picture = view.picture()
  const tables = view.tables()
  return (
    <div class="export">
      <div class="row">
        {picture && (
          <button type="button" class="button" onClick={() => saveSvg(view, name)}>
            {words.svg}
          </button>
        )}
        {tables.length > 0 && (
          <button
            type="button"
            class="button"
            onClick={() => download(`regard-${name}.csv`, csvOf(view.tables()), 'text/csv')}
          >
            {words.csv}
          </button>
        )}
      </div>
      <Link />
    </div>
  )
}

function saveSvg(view: View, name: ViewName): void {
  const picture = view.picture()
  const svg = picture && svgOf(picture, t().views[name].title)
  if (svg) download(`regard-${name}.svg`, svg, 'image/svg+xml')
}

/** The address of the page as it is, or as a lesson needs it: parts hidden, or the view alone. */
function Link() {
  const words = t().export
  const bare = useSignal(false)
  const hide = useSignal<readonly string[]>(settings.hide.state.value)
  const copied = useSignal(false)
  const state = addressOf({ bare: bare.value, hide: hide.value })
  const link = `${location.origin === 'null' ? '' : location.origin}${location.pathname}#${state}`
  const toggle = (part: string) => {
    copied.value = false
    hide.value = hide.value.includes(part)
      ? hide.value.filter((other) => other !== part)
      : [...hide.value, part]
  }
  return (
    <>
      <label class="field wide">
        <span>{words.link}</span>
        <input
          type="text"
          name="link"
          readOnly
          value={link}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      </label>
      <div class="row">
        <button
          type="button"
          class="button"
          onClick={async () => {
            copied.value = await copy(link)
          }}
        >
          {words.copy}
        </button>
        <span role="status">{copied.value && words.copied}</span>
        <label class="tick-box">
          <input
            type="checkbox"
            checked={bare.value}
            onChange={() => {
              bare.value = !bare.value
            }}
          />
          {words.bare}
        </label>
      </div>
      <fieldset class="hide">
        <legend>{words.hide}</legend>
        {[...viewNames, ...PARTS].map((part) => (
          <label key={part} class="tick-box">
            <input
              type="checkbox"
              checked={hide.value.includes(part)}
              onChange={() => toggle(part)}
            />
            {partName(part)}
          </label>
        ))}
      </fieldset>
    </>
  )
}

const partName = (part: string): string =>
  (viewNames as readonly string[]).includes(part)
    ? t().views[part as ViewName].door
    : (t().export.parts[part] ?? t().settings[part] ?? part)

/** Copies a text; without a secure context the old way, by selecting it. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    document.querySelector<HTMLInputElement>('input[name="link"]')?.select()
    return document.execCommand('copy')
  }
}
