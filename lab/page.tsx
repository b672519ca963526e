import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { viewNamed } from './loaders.ts'
import { Choice } from './parts/choice.tsx'
import { Notice } from './parts/notice.tsx'
import { beginAgain, refused } from './state/address.ts'
import { notTaken, watchDrops } from './state/drops.ts'
import { free } from './state/selection.ts'
import { settings } from './state/settings.ts'
import { hidden } from './state/shown.ts'
import { strip } from './state/strip.ts'
import { type View, type ViewName, viewNames } from './view.ts'
import { t } from './words/words.ts'

/** The view on the page: undefined while its module is on the way. */
const open = signal<
  { readonly name: ViewName; readonly view?: View; readonly failed?: boolean } | undefined
>(undefined)

async function openView(name: ViewName): Promise<void> {
  if (open.value?.name === name && open.value.view) return
  open.value = { name }
  try {
    const view = await viewNamed(name)
    if (settings.view.state.value === name) open.value = { name, view }
  } catch {
    if (settings.view.state.value === name) open.value = { name, failed: true }
  }
}

/** The frame around the views: the name, the doors, the view, what is the same everywhere. */
export function Page() {
  const name = settings.view.state.value
  useEffect(() => {
    openView(name)
  }, [name])
  useEffect(
    () => watchDrops(async (files) => (await import('./dropped.ts')).takeDropped(files)),
    [],
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) free()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  if (settings.bare.state.value) {
    return (
      <main class="bare">
        <NotTaken />
        {body()}
      </main>
    )
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to the view; the fragment is the page's state */}
      <a class="skip" href="#view" onClick={skip}>
        {t().page.skip}
      </a>
      <Top />
      <main id="view" tabIndex={-1}>
        <Refused />
        <NotTaken />
        <Strip />
        {body()}
      </main>
      <footer class="foot">
        {!hidden('export') && open.value?.view && (
          <Share view={open.value.view} name={open.value.name} />
        )}
        <p class="quiet">
          {t().page.local}{' '}
          <button type="button" class="plain" onClick={beginAgain}>
            {t().page.reset}
          </button>
        </p>
      </footer>
    </>
  )
}

/** Saving and sharing the view; the script for it comes when it is asked for. */
function Share({ view, name }: { view: View; name: ViewName }) {
  return (
    <details
      class="more"
      onToggle={async ({ currentTarget }) => {
        if (currentTarget.open) exporting.value ??= (await import('./export/export.tsx')).Export
      }}
    >
      <summary>{t().page.share}</summary>
      {exporting.value && <exporting.value view={view} name={name} />}
    </details>
  )
}

const exporting = signal<ComponentType<{ view: View; name: ViewName }> | undefined>(undefined)

/** Moves the focus to the view, and leaves the address as it is. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('view')?.focus()
}

function body() {
  const { view, failed } = open.value ?? {}
  if (failed) return <Notice>{t().page.notLoaded}</Notice>
  return view ? <view.Body /> : <p class="quiet">{t().page.loading}</p>
}

function Top() {
  return (
    <header class="top">
      <span class="name">regard</span>
      {!hidden('doors') && <Doors />}
      <div class="top-end">
        {!hidden('lang') && <Choice of={settings.lang} quiet />}
        {!hidden('theme') && <Theme />}
      </div>
    </header>
  )
}

/** A quiet row of links to the other views. */
function Doors() {
  const names = viewNames.filter((name) => !hidden(name))
  if (names.length < 2) return null
  return (
    <nav class="doors" aria-label={t().page.doors}>
      {names.map((name) => (
        <a
          key={name}
          href={`#view=${name}`}
          aria-current={settings.view.state.value === name ? 'page' : undefined}
          onClick={(event) => {
            event.preventDefault()
            settings.view.state.value = name
          }}
        >
          {t().views[name].door}
        </a>
      ))}
    </nav>
  )
}

/** From the system's colours to light, dark and back. */
function Theme() {
  const { theme } = settings
  const words = t()
  return (
    <label class="quiet-select">
      <span class="unseen">{words.settings.theme}</span>
      <select
        value={theme.state.value}
        onChange={({ currentTarget }) => {
          theme.state.value = theme.read(currentTarget.value)
        }}
      >
        <option value="auto">{words.page.auto}</option>
        <option value="light">{words.page.light}</option>
        <option value="dark">{words.page.dark}</option>
      </select>
    </label>
  )
}

/** The question of a quiz that leads, above the view that shows what it asks. */
function Strip() {
  const leads = settings.item.state.value > 0 && settings.view.state.value !== 'quiz'
  useEffect(() => {
    if (leads) void viewNamed('quiz')
  }, [leads])
  const Question = strip.value
  return leads && Question ? <Question /> : null
}

function Refused() {
  if (!refused.value.length) return null
  return (
    <Notice
      onClose={() => {
        refused.value = []
      }}
    >
      {t().page.refused} {refused.value.join('; ')}
    </Notice>
  )
}

/** Why a file that was dropped was not taken. */
function NotTaken() {
  if (!notTaken.value) return null
  return (
    <Notice
      onClose={() => {
        notTaken.value = ''
      }}
    >
      {notTaken.value}
    </Notice>
  )
}
