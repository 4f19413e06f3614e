/** What a cue is followed, or preceded, by. */
export type ValueKind =
  'date' | 'number' | 'money' | 'measure' | 'name' | 'names' | 'place' | 'phrase';

/**
 * A way in which texts state a property. `cue` is looked for in a sentence; the value is the
 * nearest one of its kind on that side, with nothing but harmless words between.
 */
export interface Rule {
  readonly label: string;
  readonly cue: RegExp;
  readonly kind: ValueKind;
  readonly side: 'after' | 'before';
  /** How far the value may be: right beside the cue, or with an adverbial between. */
  readonly reach: 'near' | 'far';
  readonly prior: number;
  /** The cue is a verb, and what the text is about must stand right behind it. */
  readonly object: boolean;
}

const rule = (
  label: string,
  kind: ValueKind,
  cue: string,
  more: Partial<Pick<Rule, 'side' | 'reach' | 'prior' | 'object'>> = {},
): Rule => ({
  label,
  kind,
  cue: new RegExp(
    String.raw`${/^[,-]/u.test(cue) ? '' : String.raw`(?<![\p{L}\d-])`}(?:${cue})(?![\p{L}\d])`,
    'giu',
  ),
  side: 'after',
  reach: 'near',
  prior: 0.85,
  object: false,
  ...more,
});

const FAR = { reach: 'far' } as const;
const BEFORE = { side: 'before' } as const;

const DATES: readonly Rule[] = [
  rule(
    'founded',
    'date',
    'founded|established|incorporated|formed|set up|started|came into being|founding|creation|inception|got its start|opened its doors|began (?:life|operations|operating|trading|business|work)',
    FAR,
  ),
  rule(
    'founded',
    'date',
    '(?:in business|in operation|operating|active|trading|around|at work|existed|operated|traded|going|been here|roots|origins|history) (?:ever )?since|dates? (?:back )?(?:to|from)|traces? (?:its|their) (?:roots|origins|history|beginnings) (?:back )?to|goes back to',
  ),
  rule(
    'released',
    'date',
    'released|launched|premiered|debuted|came out|published|unveiled|introduced|went on sale|hit (?:cinemas|theaters|theatres|the shelves|screens)|first (?:shipped|shown|screened|appeared)|opened in (?:cinemas|theaters|theatres)|release date',
    FAR,
  ),
  rule('opened', 'date', 'opened|inaugurated|opened to the public', FAR),
  rule('built', 'date', 'built|completed|constructed|erected', FAR),
  rule('born', 'date', 'born', FAR),
  rule('died', 'date', 'died|passed away', FAR),
  rule('acquired', 'date', 'acquired|bought|taken over', FAR),
  rule(
    'independence',
    'date',
    '(?:gained|declared|won|achieved|got|obtained|proclaimed) (?:its |full )?independence|became independent|(?:been )?independent since|independence',
    FAR,
  ),
  rule('created', 'date', 'created', FAR),
];

const NUMBERS: readonly Rule[] = [
  rule(
    'employees',
    'number',
    'employs|employing|employed|employ|workforce of|workforce numbers|staff of|staffed by|team of|headcount (?:of|is|stands at)|payroll of|on its payroll|people on staff|gives work to|jobs for',
  ),
  rule(
    'employees',
    'number',
    '(?:full-time |permanent |salaried )?(?:employees|staff|workers|staff members|team members|colleagues)|people (?:work|are employed|on (?:its|the) (?:payroll|staff)|strong)|(?:strong )?workforce|people worldwide',
    BEFORE,
  ),
  rule(
    'population',
    'number',
    'home to|inhabited by|populated by|population of|population (?:is|was|stands at|numbers|totals|counts)|peopled by|populace of',
  ),
  rule(
    'population',
    'number',
    '(?:inhabitants|residents|citizens)|(?:people )?(?:live|reside) (?:there|in|here)|people call|people living',
    BEFORE,
  ),
];

const AMOUNTS: readonly Rule[] = [
  rule(
    'revenue',
    'money',
    'revenues? (?:of|is|was|were|are|reached|totalled|totaled|stood at|came to|hit|at)|turnover (?:of|is|was|reached|came to|stood at)|annual sales of|sales of|turns over|turned over|in revenues? (?:of|to)|generated|generates|booked|books',
    { prior: 0.82 },
  ),
  rule('revenue', 'money', '(?:in|of) (?:annual |yearly )?(?:revenues?|turnover|sales)', BEFORE),
  rule(
    'gross',
    'money',
    'grossed|grossing|box office of|took in|takings of|earned|brought in|raked in|gross of',
    { prior: 0.82 },
  ),
  rule('gross', 'money', 'at the (?:worldwide |global |domestic )?box office', BEFORE),
  rule(
    'budget',
    'money',
    '(?:production )?budget (?:of|was|is)|cost (?:about |around )?(?=[$€£])|made for|produced for',
    { prior: 0.8 },
  ),
  rule('budget', 'money', '(?:production )?budget|to (?:make|produce)', BEFORE),
  rule(
    'funding',
    'money',
    'raised|raising|secured|funding of|round of|backed by|total funding (?:of|is|stands at)|closed a|has attracted',
    { prior: 0.82 },
  ),
  rule(
    'funding',
    'money',
    '(?:in|of) (?:total |venture )?(?:funding|financing|capital|investment)',
    {
      ...BEFORE,
      prior: 0.8,
    },
  ),
  rule('valuation', 'money', 'valued at|valuation of|worth'),
  rule(
    'price',
    'money',
    'priced at|costs|sells for|sold for|retails (?:for|at)|available for|price (?:of|is|was)|starts at|starting at|prices (?:start|begin) at|yours for|goes for|list price of',
  ),
  rule(
    'area',
    'measure',
    'covers|covering|spans|spanning|occupies|occupying|extends over|stretches over|spread over|(?:land |total |surface )?area (?:of|is|covers)|takes up|measures|encompasses|territory of',
  ),
  rule('area', 'measure', 'in (?:area|size|extent)|of (?:land|territory)', BEFORE),
  rule(
    'elevation',
    'measure',
    'elevation (?:of|is)|elevated|altitude (?:of|is)|lies at|sits at|sits|stands at|at a height of',
  ),
  rule('elevation', 'measure', 'above (?:mean )?sea level|above the sea', BEFORE),
  rule(
    'running time',
    'measure',
    'runs for|runs|running time (?:of|is)|run time of|runtime (?:of|is)|lasts|lasting|clocks in at|plays for',
  ),
  rule('height', 'measure', 'tall|high|in height', BEFORE),
  rule('length', 'measure', 'long|in length', BEFORE),
  rule('weight', 'measure', 'weighs|weighing|weight of'),
];

const NAMES: readonly Rule[] = [
  rule(
    'headquarters',
    'place',
    '(?:is |are |was )?(?:based|headquartered|domiciled) (?:in|at|near|out of)|(?:headquarters|head office|main office|hq|home base|home) (?:is|are|lies|sits|stands)?(?: located| situated| based)?\\s?(?:in|at)|with (?:its )?(?:headquarters|head office|hq) in|operates (?:out of|from)|works out of|runs (?:its business )?from|from its (?:base|offices?|headquarters) in|has its (?:seat|base|headquarters|home|head office) in|registered in|headquarters:?',
    { prior: 0.85 },
  ),
  rule('headquarters', 'place', '-based', { ...BEFORE, prior: 0.82 }),
  rule(
    'location',
    'place',
    '(?:is |are )?(?:located|situated) (?:in|at|near|on)|lies in|can be found in|found in|serves the city of|serves|serving',
    { prior: 0.8 },
  ),
  rule(
    'founder',
    'names',
    '(?:founded|established|started|set up|co-founded) by|founders? (?:is|are|was|were)|brainchild of|founders?',
  ),
  rule(
    'ceo',
    'name',
    '(?:led|headed|run|managed|helmed) by(?: (?:its )?(?:ceo|chief executive(?: officer)?|president|managing director))?|(?:ceo|chief executive officer|chief executive)(?: is| was)?|under (?:ceo|chief executive(?: officer)?)|at the helm (?:is|stands|sits)|in charge is|the top job is held by|leadership of',
    { prior: 0.8 },
  ),
  rule(
    'ceo',
    'name',
    ",? (?:is |serves as |acts as |has been )?(?:its |the |the company's |their )?(?:current )?(?:ceo|chief executive officer|chief executive)|(?:runs|leads|heads|has led|has run) (?:the (?:company|firm|business)|it)",
    { ...BEFORE, prior: 0.8 },
  ),
  rule('director', 'names', '(?:directed|helmed) by|director(?: is| was)?|a film by', {
    prior: 0.82,
  }),
  rule('writer', 'names', 'written by|screenplay by|penned by'),
  rule('producer', 'names', 'produced by'),
  rule('author', 'names', 'authored by|a (?:book|novel) by'),
  rule('developer', 'names', 'developed by|built by|maintained by'),
  rule('designer', 'names', 'designed by'),
  rule('publisher', 'name', 'published by'),
  rule('distributor', 'name', 'distributed by|released by|distributor(?: is| was)?|put out by'),
  rule('manufacturer', 'name', 'manufactured by|made by'),
  rule('owner', 'name', 'owned by|belongs to|subsidiary of|a (?:part|unit|division) of'),
  rule('operator', 'name', 'operated by'),
  rule('acquirer', 'name', 'acquired by|bought by|taken over by'),
  rule(
    'capital',
    'name',
    '(?:capital|capital city|seat of government)(?: is| was|,| of [\\p{Lu}][\\p{L} ]{1,40} is)|governed from|ruled from|run from',
    { prior: 0.85 },
  ),
  rule(
    'capital',
    'name',
    ",? (?:is|as|serves as|being|,) (?:its|the|the country's|the nation's|their) (?:national )?(?:capital|capital city|seat of government)",
    { ...BEFORE, prior: 0.82 },
  ),
  rule(
    'license',
    'name',
    '(?:licen[sc]ed|released|distributed|available|published|made available) under(?: the(?: terms of(?: the)?)?)?|licen[sc]e is(?: the)?|covered by the',
  ),
  rule(
    'currency',
    'phrase',
    'pay (?:in|with)|paid in|legal tender is|uses?(?= the \\p{Lu})|adopted|currency (?:used )?(?:is|called)|trades in|prices are in',
    { prior: 0.8 },
  ),
  rule(
    'language',
    'names',
    '(?:official |main |national )?languages? (?:is|are|include)|people speak|speaks?|spoken (?:is|are|there is)',
  ),
];

/** `Jane Doe founded Acme in 2015` */
const DOERS: readonly Rule[] = (
  [
    ['founder', 'founded|started|established|set up|co-founded'],
    ['ceo', 'leads|heads|runs|manages|is in charge of'],
    ['director', 'directed|helmed'],
    ['writer', 'wrote|penned'],
    ['producer', 'produced'],
    ['distributor', 'distributed|distributes|released|put out|handled the release of'],
    ['publisher', 'published|publishes'],
    ['developer', 'developed|develops|maintains'],
    ['designer', 'designed'],
    ['manufacturer', 'manufactures|makes|manufactured'],
    ['owner', 'owns'],
    ['operator', 'operates'],
    ['acquirer', 'acquired|bought|took over'],
  ] as const
).map(([label, cue]) => rule(label, 'names', cue, { side: 'before', prior: 0.8, object: true }));

/** In this order; of two that take one value for one property the first wins. */
export const RULES: readonly Rule[] = [...DATES, ...NUMBERS, ...AMOUNTS, ...NAMES, ...DOERS];
