/** What a learning platform offers to a page of SCORM 1.2; truth is written "true". */
export interface PlatformApi {
  LMSInitialize(nothing: ''): string
  LMSGetValue(name: string): string
  LMSSetValue(name: string, value: string): string
  LMSCommit(nothing: ''): string
  LMSFinish(nothing: ''): string
}

/** Windows around one another are few; more are a circle. */
const MOST_AROUND = 100

/**
 * The platform's API: in the windows around the page, or in those around the window that opened it.
 *
 * @see SCORM 1.2, Run-Time Environment, 3.3.6.1
 */
export function findPlatform(page: Window): PlatformApi | undefined {
  return apiAround(page) ?? (page.opener ? apiAround(page.opener as Window) : undefined)
}

function apiAround(from: Window): PlatformApi | undefined {
  let here = from
  for (let n = 0; n < MOST_AROUND; n++) {
    const found = apiOf(here)
    if (found || here.parent === here) return found
    here = here.parent
  }
  return undefined
}

/** A window of another origin tells nothing. */
function apiOf(window: Window): PlatformApi | undefined {
  try {
    return (window as Window & { readonly API?: PlatformApi }).API
  } catch {
    return undefined
  }
}

/** «Lovelace, Ada», as platforms write names, as people do. */
export const nameAsWritten = (name: string): string => {
  const parts = name.split(',').map((part) => part.trim())
  return parts.length === 2 ? `${parts[1]} ${parts[0]}`.trim() : name.trim()
}
