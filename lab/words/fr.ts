import type { Words } from './en.ts'
import { teaching } from './teaching.fr.ts'

/** La page en français. */
export const fr: Words = {
  ...teaching,
  page: {
    skip: 'Aller à la vue',
    lead: 'Ce que chaque mot regarde',
    doors: 'Vues',
    display: 'Affichage',
    loading: 'Un instant…',
    notLoaded: 'Cette vue n’est pas arrivée. Vérifiez la connexion, puis rouvrez-la.',
    notArrived: 'Une partie de la page n’est pas arrivée. Vérifiez la connexion, puis réessayez.',
    refused: 'Non repris de l’adresse :',
    noWords: 'Écrivez une phrase : il n’y a pas encore de mot à regarder.',
    table: (caption) => `En tableau : ${caption}`,
    share: 'Enregistrer ou partager cette vue',
    tooMany: (most) =>
      `Une figure contient ${most} mots ; les ${most} premiers sont montrés. L’apprentissage accepte des textes plus longs.`,
    tooLong: (longest, found) =>
      `Ici une phrase a au plus ${longest} caractères, reçu ${found} ; rien n’a changé.`,
    local: 'Tout est calculé dans cette page ; rien n’en sort.',
    more: 'Changer la phrase ou la couche',
    reset: 'Recommencer',
    light: 'Clair',
    dark: 'Sombre',
    auto: 'Système',
    close: 'Fermer',
  },
  views: {
    look: { door: 'Regarder', title: 'Regarder : ce que chaque mot regarde' },
    needle: { door: 'Aiguille', title: 'Aiguille : une requête tournée à la main' },
    compute: { door: 'Calculer', title: 'Calculer : nombre par nombre' },
    learn: { door: 'Apprendre', title: 'Apprendre : deux mots égaux se séparent' },
    ask: { door: 'Demander', title: 'Demander : quel mot répond ?' },
    quiz: { door: 'Quiz', title: 'Quiz : chaque réponse s’exécute' },
    order: { door: 'Ordre', title: 'Ordre : compte-t-il ?' },
  },
  reporting: {
    taken: 'La plateforme a pris le résultat.',
    refused:
      'La plateforme n’a pas pris le résultat. Enregistrez-le dans un fichier et rendez celui-ci.',
  },
  settings: {
    lang: 'Langue',
    theme: 'Couleurs',
    text: 'Phrase',
    position: 'Positions',
    alignment: 'Alignement',
    distribution: 'Distribution',
    mask: 'Masque',
    width: 'Largeur D',
    query: 'd_q',
    key: 'd_k',
    value: 'd_v',
    heads: 'Têtes',
    head: 'Tête',
    seed: 'Graine',
    source: 'Poids',
    corpus: 'Texte',
    question: 'Question',
    quiz: 'Quiz',
    mode: 'Mode',
    positions: 'Positions',
    as: 'Dessiné en',
    stage: 'Étape',
  },
  values: {
    none: 'sans',
    sinusoidal: 'sinusoïdales',
    rotary: 'rotatives',
    'relative:5': 'relatives, ±5',
    everything: 'sans',
    causal: 'seulement ce qui précède',
    'window:1,1': 'voisins, ±1',
    'window:2,2': 'voisins, ±2',
    lines: 'Lignes',
    grid: 'Grille',
    table: 'Tableau',
    'built-in': 'fourni',
    own: 'le vôtre',
    'self-attention': 'dix questions',
    extended: 'autres questions',
    practice: 'entraînement',
    test: 'contrôle',
    'relative:12': 'apprises, ±12',
    drawn: 'd’une couche tirée au sort',
    learned: 'appris',
    projections: 'Projeter',
    scores: 'Aligner',
    weights: 'Pondérer',
    context: 'Mélanger',
    fr: 'Français',
    en: 'English',
  },
  switches: {
    positions: 'Positions',
    on: 'avec',
    off: 'sans',
  },
  word: {
    place: (place, count, which) => `mot ${place} sur ${count}${which}`,
    which: (n, of) => `, occurrence ${n} sur ${of}`,
  },
  look: {
    lead: 'Touchez un *été*, puis l’autre.',
    nobody: 'Aucun mot ne demande. Choisissez-en un, et voyez ce qu’il regarde.',
    most: (word, place, other, weight) =>
      `${word}, mot ${place}, regarde surtout ${other} : ${weight}.`,
    same: (word, other) =>
      `${word} et ${other} regardent les mêmes mots avec les mêmes poids et reçoivent le même vecteur : la différence est exactement 0.`,
    blind: 'Sans positions, rien ne dit à la couche où se trouve un mot.',
    apart: (word, other, weight, vector) =>
      `${word} et ${other} ne regardent pas de même : leurs poids diffèrent de ${weight} au plus, leurs vecteurs de ${vector} au plus.`,
    asks: 'demande',
    read: 'est lu',
    legend: (uniform) =>
      `barre : poids d’attention, de 0 à 1 ; pointillé : ${uniform}, le même pour chaque mot`,
    lineLegend: 'largeur d’une ligne : poids d’attention, de 0 à 1',
    gridLegend:
      'aire d’un carré : poids d’attention, une case pleine vaut 1 ; les lignes demandent, les colonnes sont lues',
    gridKeys:
      'Poids d’attention en carrés : les flèches vont de case en case, Entrée retient le mot qui demande',
    difference: 'différence',
    learn: 'Apprendre',
    stop: 'Arrêter là',
    watch: 'La regarder apprendre',
    how: 'Comment elle a appris',
    learnedWith: (positions) =>
      positions
        ? 'Ce qui a été appris connaît les positions ; la couche tirée au sort est restée la même.'
        : 'Ce qui a été appris ne connaît pas de positions ; la couche tirée au sort est restée la même.',
    leadsOn:
      'Dix questions pour continuer : chacune ouvre une vue, et toute réponse y est calculée',
    noModel:
      'L’adresse parle de ce qui a été appris, qu’aucune adresse ne peut contenir : apprenez de nouveau, ou prenez le petit modèle.',
    tableCaption: 'Poids d’attention : chaque ligne demande, chaque colonne est lue',
    pairCaption: 'Poids d’attention des mots qui demandent',
    linesTitle: 'Qui regarde qui',
  },
  needle: {
    lead: 'Tournez la requête de *été₁* : elle regarde où elle pointe.',
    title: 'Clés, requête et contexte en flèches dans un plan',
    what: '« Quoi ? »',
    when: '« Quand ? »',
    turn: (name) => `Direction de ${name}, en degrés`,
    most: (query, word, amount) =>
      `${query} pointe le mieux vers la clé de ${word} : son poids est ${amount}.`,
    tie: (words, amount) =>
      `${words} : les clés sont superposées, et chacune a le poids ${amount}. Sans positions, la couche ne peut que les mettre à égalité.`,
    legend:
      'Ici D = d_q = d_k = d_v = 2 et W_Q, W_K, W_V sont l’identité : chaque vecteur est dessiné tel quel. Flèches fines : clés ; flèche épaisse : requête ; flèche tiretée : contexte ; aire d’un disque : poids d’attention.',
    vector: 'vecteur',
    tableCaption: 'Vecteurs dans le plan et poids d’attention',
  },
  compute: {
    lead: 'Des mots aux vecteurs contextuels, nombre par nombre',
    names: { P: 'X + P', A: 'A' },
    stages: {
      projections:
        'Chaque mot est projeté en une requête, une clé et une valeur : Q = X W_Q, K = X W_K, V = X W_V.',
      scores:
        'La fonction d’alignement compare chaque requête à chaque clé. Les lignes demandent, les colonnes sont lues.',
      weights: 'La fonction de distribution change chaque ligne de scores en poids d’attention.',
      context:
        'Chaque mot devient la somme de toutes les valeurs, pondérée par sa ligne d’attention.',
    },
    editable: 'modifiable',
    howToEdit:
      'Choisissez une case pour voir sa formule ; les nombres de X et de W, à la première étape, peuvent être changés.',
    undoOne: 'Annuler ce nombre',
    undoAll: 'Annuler tous les changements',
    noNumber: 'Écrivez un nombre entre −100000 et 100000.',
    legend:
      'Couleur : grandeur d’un nombre, pleine à 3 (scores, vecteurs), 1,5 (paramètres) ou 1 (poids) ; un cadre : ce dont la case choisie est faite.',
    parameters: (count) => `${count} paramètres`,
    own: (count) => `Et ${count} de l’alignement, de la distribution ou de la position.`,
    notParameters: 'Ils s’apprennent. X, Q, K, V et les poids, non : ils changent avec le texte.',
    shapes: 'Les formes de Q et de Kᵀ',
    matrix: 'matrice',
    rows: 'lignes',
    columns: 'colonnes',
    clash: (q, k) => `Q a ${q} colonnes et K en a ${k} : elles ne se rejoignent pas`,
  },
  order: {
    lead: 'La couche tient-elle compte de l’ordre des mots ?',
    movedTitle: 'Où vont les mots, et le vecteur que chacun reçoit',
    movedLegend:
      'Bandes : le vecteur contextuel de chaque mot, de −2 à 2 ; lignes : où le mot est allé.',
    asIs: 'Échangez deux mots, ou mélangez-les tous : P est le nouvel ordre. Chaque mot garde-t-il son vecteur ?',
    equal: (apart) =>
      `Chaque mot garde son vecteur : f(PX) = P\u00a0f(X), la différence est ${apart}. Les lignes bougent, leurs nombres non.`,
    unequal: (apart) => `Maintenant l’ordre compte : f(PX) diffère de P\u00a0f(X) de ${apart}.`,
    up: (word) => `Avancer ${word} d’une place`,
    down: (word) => `Reculer ${word} d’une place`,
    shuffle: 'Mélanger',
    back: 'Comme avant',
    all: (count) => `Essayer les ${count} ordres`,
    drawn: (count) => `Essayer ${count} ordres`,
    progress: (done, count) => `${done} ordres sur ${count}…`,
    none: (count, worst, moved) =>
      `${count} ordres : f(PX) ne s’écarte jamais de P\u00a0f(X) de plus de ${worst}, ce qui est l’arrondi. La couche ne voit pas l’ordre : elle est équivariante. Elle n’est pas invariante : dans ${moved} ordres les lignes sont ailleurs.`,
    some: (count, worst, moved) =>
      `${count} ordres : f(PX) s’écarte de P\u00a0f(X) jusqu’à ${worst}, et diffère de f(X) dans ${moved}. Avec des positions, l’ordre compte.`,
    histogramCaption: 'Ordres selon l’écart entre f(PX) et P\u00a0f(X)',
    from: 'écart à partir de',
    orders: 'ordres',
    axis: 'plus grand écart, une barre par puissance de dix',
    vectors: 'Vecteurs contextuels de la première tête, avant et après',
    word: 'mot',
  },
  export: {
    svg: 'Figure en SVG',
    csv: 'Nombres en CSV',
    link: 'Cette vue en lien',
    copy: 'Copier le lien',
    copied: 'Copié.',
    bare: 'la vue seule, pour des diapositives',
    hide: 'Pour une leçon, enlever :',
    parts: {
      doors: 'toutes les portes',
      formula: 'les formules',
      tables: 'les tableaux',
      export: 'l’enregistrement',
      text: 'la phrase',
    },
  },
}
