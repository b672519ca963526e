/** What a point behind a word means, by language; words as in running text, blanks between. */
interface Abbreviations {
  /** Before a name or anything else: the sentence goes on. */
  readonly name?: string
  /** Before a number the sentence goes on. */
  readonly number?: string
  /** The sentence goes on unless an opener follows. */
  readonly either?: string
  /** Words that begin sentences, and are no names. */
  readonly openers?: string
  /** A point behind a small number makes an ordinal of it, unless an opener follows. */
  readonly ordinals?: boolean
}

/** What all languages share. */
const COMMON: Abbreviations = {
  name: 'M MM Mme Mlle Mr Mrs Ms Mx Dr Drs Pr Prof Capt Gen Lt Col Maj Sgt cf Cf vs N.B P.S P.-S',
  number: 'fig No no Nr nr min tab art vol chap p pp',
  either: 'St Ste p pp vol art ed op',
}

/** Abbreviations and openers by language. */
const ROWS: Readonly<Record<string, Abbreviations>> = {
  en: {
    name: 'Lieut Cpl Cmdr Adm Rev Hon Rt Gov Sen Rep Pres Supt Messrs Mt Ft Fr Wm Chas Geo Jos e.g i.e viz approx',
    number:
      'Nos nos sec Sec eq pt ch col fol Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Ch v ca c ft lb lbs oz Ibid b d',
    either: 'Jr Sr Inc Ltd Co Corp Bros Esq Ave Blvd Rd Ph.D Dept Univ Assn al',
    openers:
      'A An The He She It We You They I This That These Those There Here In On At By For From With As But And Or So Yet If When While After Before Since Though Although Because However Then Now His Her Its Their My Our Your Who What Why How Where Which No Not Is Are Was Were Do Did Some Many Most All One',
  },
  fr: {
    name: 'Mgr Mgrs Dresse av ap apr boul bd tél hab p.ex N.d c.-à-d Vve Gal Cdt Me Ch Th Ph Chr pl',
    number:
      'h mn s ll rééd env no nos n nn t ch éd f ff col l v pl sq janv févr fév avr juil sept oct nov déc',
    either: 'Cie prof éd rééd coll trad réf dir cit suiv ibid ex',
    openers:
      'Le La Les L Un Une Des Il Elle Ils Elles On Je Tu Nous Vous Ce Cet Cette Ces C Cela Ça Mon Ma Mes Son Sa Ses Leur Leurs Notre Nos Votre Dans En Au Aux À Du De Par Pour Sur Sous Avec Sans Et Mais Ou Or Donc Car Ni Si Quand Lorsque Comme Puis Alors Après Avant Ainsi Enfin Qui Que Quoi Où Pourquoi Comment Tout Tous Aucun Personne Rien J N S Y',
  },
  de: {
    ordinals: true,
    name: 'Hr Hrn Fr Frl Hl St Dipl Ing bzw vgl Vgl z.B d.h d.R u.a ca sog inkl evtl ggf geb gest gem Gem Fa phil med jur rer nat h.c Dr.h.c Dipl.-Ing Dr.-Ing Joh Seb Friedr Wilh Heinr o.g usf',
    number:
      'Nr Nrn Bd Bde S Abb Tab Kap Art Abs Aufl Jh Std Min Sek Jan Jän Feb Mär Apr Jun Jul Aug Sep Sept Okt Nov Dez',
    either: 'Str Co Hrsg Min Std s.o s.u Mio Mrd Tel n.Chr v.Chr Chr Jhd',
    openers:
      'Der Die Das Den Dem Des Ein Eine Einen Einem Er Sie Es Ich Du Wir Ihr Man Dies Diese Dieser Dieses Jene In Im An Am Auf Aus Bei Mit Nach Von Vom Zu Zum Zur Für Um Und Aber Oder Doch Denn Wenn Als Da Dann Danach Dort Hier Jetzt Nun So Auch Nur Noch Nicht Kein Keine Sein Seine Ihre Wer Was Wie Wo Warum Alle Heute Gestern Morgen Später Endlich Plötzlich Trotzdem Deshalb Ob Bis Seit Mein Unser Niemand',
  },
  es: {
    name: 'prof D Dª Dña Sr Sra Srta Sres Dra Ud Uds Vd Vds Fr Lic Arq Ing Gral p.ej ej',
    number: 'núm Núm pág págs cap art arts a.C d.C',
    either: 'S.A Cía Av Avda EE.UU EE UU',
    openers:
      'El La Los Las Lo Un Una Unos Él Ella Ellos Yo Se Me Su Sus Este Esta Esto En De Del Al A Por Para Con Sin Y E O Pero Si Cuando Como Que Qué Quién No Ni Ya Después Hay Era Es',
  },
  it: {
    name: 'Sig sig Sigg Sig.ra Sig.na Dott dott Dott.ssa Avv avv Ing ing Arch On on Rag Geom Mons Card S.E es prof cfr',
    number: 'n nn pag pagg cap artt sec a.C d.C',
    either: 'S.p.A S.r.l',
    openers:
      'Il Lo La I Gli Le L Un Uno Una Egli Lui Lei Io Si Ci Questo Questa Nel Nella In Di Del Della Da Dal A Al Alla Per Con Su Sul E Ed Ma O Se Quando Come Che Chi Non Poi Dopo Era È Anche',
  },
  nl: {
    name: 'dhr Dhr mevr Mevr mw Mw mr ir ing dr drs prof ds Ds bijv bv resp m.b.t d.w.z o.a ca jhr mej',
    number: 'nrs blz afb hfst jan feb mrt apr jun jul aug sep sept okt nov dec',
    either: 'str n.Chr v.Chr Chr N.V B.V',
    openers:
      'De Het Een Hij Zij Ze Het Ik Je We Dit Dat Deze Die Er In Op Aan Bij Met Van Voor Naar Om Uit En Maar Of Want Als Toen Dan Daar Hier Nu Zijn Haar Wie Wat Niet Ook',
  },
  pt: {
    name: 'Sr Sra Srta Dra Exmo Exma Eng Profa Pe ex prof',
    number: 'n pág págs cap séc a.C d.C núm',
    either: 'Av Lda Ltda S.A',
    openers:
      'O A Os As Um Uma Ele Ela Eles Eu Este Esta Em No Na De Do Da Por Para Com E Mas Se Quando Como Que Quem Não Já Depois Então',
  },
  sv: {
    name: 't.ex d.v.s bl.a s.k ca hr fr prof',
    number: 'nr sid s kap kl jan feb apr aug sept okt nov dec',
  },
  da: {
    name: 'f.eks bl.a ca hr fr prof',
    number: 'nr kap kl s jan feb apr aug sept okt nov dec',
  },
  fi: { name: 'esim ns ts mm tri prof toim', number: 's ks n klo' },
  pl: {
    name: 'dr prof mgr inż ks św np tzn tzw tj ul al gen red zob por',
    number: 'str rys tab ok godz t r nr',
    either: 'im w r tys mln mld',
    openers:
      'W We Na Z Ze Do Od Po O U I A Ale Lecz On Ona Ono Oni To Ten Ta Jego Jej Ich Nie Był Była Było Byli Jest Gdy Kiedy Jak Co Kto Potem Tam Tu Już Wtedy',
  },
  cs: {
    name: 'dr prof ing mgr sv tzv tzn např tj mj ul',
    number: 'č str s r obr',
    either: 'tis mil',
  },
  hu: { name: 'pl ill dr prof ún özv szerk vö', number: 'old kb sz' },
  ro: { name: 'dl dna d-na prof ex dr ing str bd', number: 'nr pag cap' },
  ko: { ordinals: true },
  ca: { name: 'Sr Sra Srta ex p.ex', number: 'núm pàg pàgs cap n', either: 'Av C' },
  tr: { name: 'bkz Bkz örn Sn Av Doç', number: 's sf' },
  he: { number: 'עמ מס' },
  ru: {
    name: 'гр проф акад ул им св ст т.е напр см ср д-р инж ген кн о-в тов изд ред пер вул пров',
    number: 'рис табл гл стр с д кв тел вып янв февр апр авг сент окт нояб дек т див мал',
    either: 'г гг р рр в вв н.э т.н тыс млн руб',
    openers:
      'Он Она Оно Они Я Ты Мы Вы Это Этот В Во На С Со К По Из За О У И А Но Да Если Когда Как Что Кто Не Там Потом После Его Её Все',
  },
  el: {
    name: 'κ κκ κα π.χ δηλ βλ Αγ Άγ πρβλ καθ',
    number: 'σ σελ αρ εικ',
    either: 'π.Χ μ.Χ',
    openers: 'Ο Η Το Οι Τα Ένας Μια Αυτός Αυτή Αυτό Εγώ Εσύ Στο Στη Σε Και Αλλά Αν Όταν Δεν Θα Να',
  },
  hi: {
    name: 'डॉ डा प्रो पं श्री कु ए बी सी डी एफ एच आई जे के एल एम एन पी आर एस टी यू वी',
    number: 'सं पृ',
  },
}

const ALIASES: Readonly<Record<string, string>> = {
  nb: 'da',
  nn: 'da',
  no: 'da',
  gl: 'pt',
  uk: 'ru',
}
/** Rows for a text of unknown language: none whose abbreviations are common words of another. */
const UNKNOWN = ['en', 'fr', 'de', 'ru', 'el', 'hi']

/** The rows of a language as sets. */
export interface Usage {
  readonly name: ReadonlySet<string>
  readonly number: ReadonlySet<string>
  readonly either: ReadonlySet<string>
  readonly openers: ReadonlySet<string>
  readonly ordinals: boolean
  /** Whether its questions may end in a semicolon. */
  readonly greek: boolean
}

const usages = new Map<string, Usage>()

/** @param language code such as `fr` or `fr-CA`; without one, or a row of its own, several */
export function usageOf(language = ''): Usage {
  const [code] = language.toLowerCase().split(/[-_]/)
  const key = Object.hasOwn(ALIASES, code) ? ALIASES[code] : code
  let usage = usages.get(key)
  if (!usage) {
    const known = key !== '' && Object.hasOwn(ROWS, key)
    const rows = [COMMON, ...(known ? [key] : UNKNOWN).map((name) => ROWS[name])]
    const all = (column: 'name' | 'number' | 'either' | 'openers') =>
      new Set(rows.flatMap((row) => row[column]?.split(' ') ?? []))
    usage = {
      name: all('name'),
      number: all('number'),
      either: all('either'),
      openers: all('openers'),
      greek: key === 'el' || key === '',
      ordinals: known && ROWS[key].ordinals === true,
    }
    usages.set(key, usage)
  }
  return usage
}
