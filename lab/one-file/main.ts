import '../style/page.css'
import '../style/parts.css'
import '../style/pictures.css'

// one script for both: the page, and the worker that it starts from the same text
if (typeof document === 'undefined') void import('../worker/worker.ts')
else void import('../main.tsx')
