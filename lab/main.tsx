import { effect } from '@preact/signals'
import { render } from 'preact'
import { Page } from './page.tsx'
import { followAddress } from './state/address.ts'
import { settings } from './state/settings.ts'
import { t } from './words/words.ts'

const root = document.documentElement

followAddress()
effect(() => {
  root.lang = settings.lang.state.value
  root.dataset.theme = settings.theme.state.value
  root.toggleAttribute('data-bare', settings.bare.state.value)
  document.title = `${t().views[settings.view.state.value].title} · regard`
})
render(<Page />, document.getElementById('page') as HTMLElement)
