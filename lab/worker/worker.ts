import { type Scope, serve } from './calls.ts'
import { handlers } from './handlers.ts'

serve(handlers, self as unknown as Scope)
