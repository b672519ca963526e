import { type Zippable, zipSync } from 'fflate'
import type { PageFiles } from './page.ts'

/** Dates are no part of what a course is: the first that a zip can hold. */
const MTIME = new Date(1980, 0, 1)

const TITLE = 'regard: self-attention'

/**
 * The page as a SCORM 1.2 package: its files, and the manifest that names them. The same files give
 * the same bytes.
 */
export function courseOf(files: PageFiles): Uint8Array {
  const all: Zippable = {
    'imsmanifest.xml': new TextEncoder().encode(manifestOf([...files.keys()])),
  }
  for (const [name, bytes] of files) all[name] = bytes
  return zipSync(all, { level: 9, mtime: MTIME })
}

/**
 * The manifest of one activity with one page.
 *
 * @see SCORM 1.2, Content Aggregation Model, 2.3
 */
const manifestOf = (names: readonly string[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="regard" version="1.0"
  xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="course">
    <organization identifier="course">
      <title>${TITLE}</title>
      <item identifier="activity" identifierref="page" isvisible="true">
        <title>${TITLE}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="page" type="webcontent" adlcp:scormtype="sco" href="index.html">
${names.map((name) => `      <file href="${name}"/>`).join('\n')}
    </resource>
  </resources>
</manifest>
`
