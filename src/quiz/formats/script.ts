/** The part of the script that is the same for every quiz. It uses Google's Forms service alone. */
export const SCRIPT = `
/**
 * Makes a Google Form.
 *
 * 1. Open script.google.com, choose New project, and paste all of this over what is there.
 * 2. Press Run, and allow the script to make forms in your name.
 * 3. The log shows two addresses: one to edit the form, one to hand out.
 *
 * The texts of the form stand below, after FORM; they may be changed before the script is run.
 */
function makeForm() {
  const form = FormApp.create(FORM.title)
  form.setTitle(FORM.title)
  form.setDescription(FORM.description)
  form.setIsQuiz(FORM.graded)
  form.setShuffleQuestions(FORM.shuffle)
  form.addTextItem().setTitle(FORM.name.title).setRequired(FORM.name.required)
  FORM.sections.forEach(function (section) {
    form.addPageBreakItem().setTitle(section.title).setHelpText(section.help)
    section.items.forEach(function (item) {
      addItem(form, item)
    })
  })
  Logger.log('Edit: ' + form.getEditUrl())
  Logger.log('Hand out: ' + form.getPublishedUrl())
}

/** @param {GoogleAppsScript.Forms.Form} form */
function addItem(form, given) {
  if (given.kind === 'numeric') {
    const text = form.addTextItem()
    describe(text, given)
    text.setValidation(FormApp.createTextValidation().requireNumber().build())
    if (given.general) text.setGeneralFeedback(feedbackOf(given.general))
    return
  }
  const item = given.kind === 'single' ? form.addMultipleChoiceItem() : form.addCheckboxItem()
  describe(item, given)
  item.setChoices(
    given.options.map(function (/** @type {{ text: string, right: boolean }} */ option) {
      return FORM.graded ? item.createChoice(option.text, option.right) : item.createChoice(option.text)
    }),
  )
  if (given.right) item.setFeedbackForCorrect(feedbackOf(given.right))
  if (given.wrong) item.setFeedbackForIncorrect(feedbackOf(given.wrong))
}

/**
 * @param {GoogleAppsScript.Forms.TextItem | GoogleAppsScript.Forms.MultipleChoiceItem |
 *   GoogleAppsScript.Forms.CheckboxItem} item
 */
function describe(item, given) {
  item.setTitle(given.title)
  item.setHelpText(given.help)
  item.setRequired(given.required)
  if (FORM.graded) item.setPoints(given.points)
}

/** @param {string} text */
function feedbackOf(text) {
  return FormApp.createFeedback().setText(text).build()
}
`
