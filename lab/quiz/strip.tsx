import { t } from '../words/words.ts'
import { Question } from './question.tsx'
import { current, language, sectionOf } from './sitting.ts'
import { Paragraphs, Rich, told } from './text.tsx'

/** The question that leads, above the view that shows what it asks. */
export function Strip() {
  const item = current.value
  if (!item) return null
  const section = sectionOf(item)
  return (
    <section class="strip" aria-label={t().settings.quiz}>
      {section?.text !== undefined && (
        <details lang={language.value}>
          <summary>
            <Rich text={told(section.title)} />
          </summary>
          <Paragraphs of={section.text} />
        </details>
      )}
      <Question key={item.id} item={item} />
    </section>
  )
}
