import { textLanguage } from '../state/layer.ts'

/** A word of the sentence inside a sentence of the page; `Prose` gives it its language. */
export const cited = (word: string): string => `*${word.replaceAll('*', '∗')}*`

/** A sentence of the page in which `*…*` are words of the text, in the text's own language. */
export const Prose = ({ text }: { text: string }) => (
  <>
    {text.split('*').map((part, n) =>
      n % 2 === 0 ? (
        part
      ) : (
        <span key={n} class="cited" lang={textLanguage.value}>
          {part}
        </span>
      ),
    )}
  </>
)
