import { handlers } from './handlers.ts'
import { type Scope, serve } from './serve.ts'

serve(handlers, self as unknown as Scope)
