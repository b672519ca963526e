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
// a learning platform shows the page in a window of its own
if (parent !== window || opener)
  void import('./reporting/reporting.ts').then(({ connect }) => connect())
render(<Page />, document.getElementById('page') as HTMLElement)
