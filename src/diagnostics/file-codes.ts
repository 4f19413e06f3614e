/** Y: the file and its YAML. */
export const YAML_CODES = {
  'E-Y00': {
    title: 'The file is not valid YAML',
    explanation:
      'The text cannot be read as YAML. The place shown is where reading stopped; the cause is often just before it, such as a missing colon or an indentation that differs from the lines around it.',
    shows: 'load',
  },
  'E-Y01': {
    title: 'There is no such file',
    explanation:
      'A path is looked up beside the file that names it and then at the root of the project (the folder with fieldwork.yaml). Check the spelling and the upper and lower case. "*" and "?" in a path stand for nothing.',
    shows: 'load',
  },
  'E-Y02': {
    title: 'The path is a folder, not a file',
    explanation: 'A file was expected here. Name the file inside the folder.',
    shows: 'load',
  },
  'E-Y03': {
    title: 'The file is too large',
    explanation:
      'A pipeline file has at most 256 KB and a schema file at most 64 KB. Move long lists of records into a source file (CSV, JSON, NDJSON, Parquet) and name it under "sources".',
    shows: 'load',
  },
  'E-Y04': {
    title: 'The file is not UTF-8',
    explanation:
      'Pipeline, project and schema files are read as UTF-8. The message names the first byte that does not fit. Save the file again as UTF-8.',
    shows: 'load',
  },
  'E-Y05': {
    title: 'The file is UTF-16',
    explanation:
      'The file starts with the byte order mark of UTF-16. Some Windows programs save so by default. Save the file again as UTF-8.',
    shows: 'load',
  },
  'E-Y07': {
    title: 'The file contains a control character',
    explanation:
      'NUL and other control characters are never meant in these files and can hide text from a reader. Remove the character at the place shown.',
    shows: 'load',
  },
  'E-Y08': {
    title: 'The file is empty',
    explanation:
      'A pipeline needs at least "version", "name" and "steps". pipelines/quickstart.yaml is an example.',
    shows: 'load',
  },
  'E-Y09': {
    title: 'The file is not a mapping',
    explanation:
      'The top level of the file must be a mapping, that is lines of the form "key: value". A list or a single text was found.',
    shows: 'load',
  },
  'E-Y10': {
    title: 'A tab is used for indentation',
    explanation: 'YAML does not allow tabs at the start of a line. Indent with spaces.',
    shows: 'load',
  },
  'E-Y11': {
    title: 'A quote or bracket is not closed',
    explanation:
      'A text that starts with a quote must end with the same quote, and each "[" or "{" needs its "]" or "}". The place shown is where it was opened.',
    shows: 'load',
  },
  'E-Y12': {
    title: 'The same key is written twice',
    explanation:
      'Of two equal keys in one mapping only one could count, so this is refused. Remove or rename one; the message shows both lines.',
    shows: 'load',
  },
  'E-Y13': {
    title: 'The file holds several documents',
    explanation:
      'A line "---" starts another YAML document. A pipeline file holds one; put the other one into a file of its own.',
    shows: 'load',
  },
  'E-Y14': {
    title: 'Anchors and aliases are not supported',
    explanation:
      'YAML anchors ("&name") and aliases ("*name") are refused: they hide what a step does, and a few lines of them can expand to gigabytes. Write the value out. To use a text that starts with "*" or "&", put it in quotes.',
    shows: 'load',
  },
  'E-Y17': {
    title: 'Merge keys are not supported',
    explanation:
      'The key "<<" merges another mapping in some YAML tools. It is refused here: write the keys out.',
    shows: 'load',
  },
  'E-Y18': {
    title: 'Tags are not supported',
    explanation:
      'A word that starts with "!" is a YAML tag, which changes how a value is read. Tags are refused. To use a text that starts with "!", put it in quotes.',
    shows: 'load',
  },
  'E-Y19': {
    title: 'The file is nested too deeply',
    explanation: 'Mappings and lists may be nested 32 deep.',
    shows: 'load',
  },
  'E-Y20': {
    title: 'The file has too many keys or entries',
    explanation:
      'A pipeline file has at most 2,000 keys and 10,000 list entries. Move inline records into a source file.',
    shows: 'load',
  },
  'E-Y21': {
    title: 'A template without quotes was read as a mapping',
    explanation:
      'In YAML "{" starts a mapping, so a value that begins with {{…}} must be quoted: query: "{{row.name}}", or written as a block after "|".',
    shows: 'load',
  },
  'E-Y22': {
    title: 'A text without quotes contains ": "',
    explanation:
      'In YAML a colon and a space separate a key from its value, so a text that contains them must be quoted or written as a block after "|".',
    shows: 'load',
  },
  'E-Y23': {
    title: 'A text without quotes starts with a special character',
    explanation:
      'A text that starts with %, @, *, & or a backtick must be quoted or written as a block after "|".',
    shows: 'load',
  },
  'E-Y24': {
    title: 'Text after " #" was read as a comment',
    explanation:
      'In YAML a space and "#" start a comment, also inside a text without quotes. What comes after it is not part of the text. Quote the text if the rest belongs to it; put the comment on a line of its own if not.',
    shows: 'load',
  },
  'E-Y25': {
    title: 'A key is unknown',
    explanation:
      'The key does not exist at this place; a misspelt key would be ignored silently otherwise. Keys that start with "x-" are free for your own notes.',
    shows: 'load',
  },
  'E-Y26': {
    title: 'A value has the wrong type or form',
    explanation: 'The message says what is expected here and what was found.',
    shows: 'load',
  },
  'E-Y27': {
    title: 'A value is not one of those allowed',
    explanation:
      'The message lists the values that are allowed here. YAML 1.2 reads "no", "yes", "on" and "off" as plain text.',
    shows: 'load',
  },
  'E-Y29': {
    title: 'A number is written as text',
    explanation: 'In quotes a number is a text. Remove the quotes.',
    shows: 'load',
  },
  'E-Y30': {
    title: 'A number is out of range',
    explanation:
      'The message gives the limits. They exist because a value beyond them is nearly always a slip, and a costly one.',
    shows: 'load',
  },
  'E-Y31': {
    title: 'A whole number is too large to be exact',
    explanation:
      'Numbers beyond 9007199254740991 lose their last digits when they are read. If it is an identifier, put it in quotes.',
    shows: 'load',
  },
  'E-Y32': {
    title: 'Not a number, or infinite',
    explanation:
      '".nan" and ".inf" have no meaning in a pipeline and no form in JSON. Leave the key out instead.',
    shows: 'load',
  },
  'E-Y33': {
    title: 'A key has a reserved name',
    explanation:
      '"__proto__", "constructor" and "prototype" have a meaning of their own in JavaScript and are refused as keys everywhere.',
    shows: 'load',
  },
  'E-Y34': {
    title: 'A name is not allowed',
    explanation:
      'Names of steps, sources and parameters start with a small letter, go on with small letters, digits and "_", have at most 48 characters, and are not a word that SQL reserves: they become names of tables.',
    shows: 'load',
  },
  'E-Y35': {
    title: 'Two names differ only in upper and lower case',
    explanation:
      'DuckDB does not tell names apart by case, so the two would be the same table or column. Rename one.',
    shows: 'load',
  },
  'E-Y36': {
    title: 'Two things have the same name',
    explanation:
      'Sources and steps are tables in one database, so each name can be used once. Rename one.',
    shows: 'load',
  },
  'E-Y37': {
    title: 'A step or source does not exist',
    explanation:
      'The name is used here, but the pipeline defines no step and no source of this name.',
    shows: 'load',
  },
  'E-Y38': {
    title: 'Steps need each other in a circle',
    explanation:
      'None of the steps of a circle could be the first to run. The message shows the way around it; remove one of the links.',
    shows: 'load',
  },
  'E-Y39': {
    title: 'Something is defined but never used',
    explanation:
      'No step reads this source or parameter. Remove it, or check that the step which should use it names it.',
    shows: 'load',
  },
  'E-Y40': {
    title: 'The pipeline has too many steps',
    explanation: 'A pipeline has at most 100 steps. Split it into several pipelines.',
    shows: 'load',
  },
  'E-Y41': {
    title: 'The version is missing or not supported',
    explanation:
      'Each file says which form it has, so that later releases can read old files. The form described by this release is "version: 1". A higher number needs a newer Fieldwork.',
    shows: 'load',
  },
  'E-Y42': {
    title: 'The file seems to contain a secret',
    explanation:
      'A value looks like an API key or token. Files are kept in git, where a secret stays readable for ever. Remove it, replace the key at its provider, and set it in the environment (EXA_API_KEY).',
    shows: 'load',
  },
  'E-Y43': {
    title: 'A pipeline cannot name a host, a key or a variable',
    explanation:
      'Whoever can change a pipeline could send your key or your rows to a host of their choice. Servers are declared in the project file (fieldwork.yaml) under "agents"; the pipeline names the agent.',
    shows: 'load',
  },
  'E-Y44': {
    title: 'The path leaves the project',
    explanation:
      'Files are read only below the root of the project, which is the nearest folder upward with a fieldwork.yaml. Absolute paths, "..", "~", addresses, devices and links that lead outside are refused.',
    shows: 'load',
  },
  'E-Y45': {
    title: 'A file is written twice, or read and written',
    explanation:
      'A source is a file that this pipeline writes: read the step by its name instead, or move the file out of "out/" and ".fieldwork/". Or two pipelines have one name, and would write the same files: give one of them another.',
    shows: 'load',
  },
  'E-Y46': {
    title: 'The file name does not work on Windows',
    explanation:
      'Names such as CON or NUL, names that end with a dot or a space, and names with : " < > | or a backslash cannot be checked out on Windows. Rename the file.',
    shows: 'load',
  },
  'E-Y47': {
    title: 'A paid step has no ceiling',
    explanation:
      'A step whose agent costs money needs a ceiling: "budget" of the pipeline or of the step, a budget for a run, a day or a month in fieldwork.yaml, or --max-cost in the call. The efforts "auto" and "ultra", and no effort at all, are metered: one agent run of them can cost several dollars.',
    shows: 'load',
  },
  'E-Y48': {
    title: 'The budget is smaller than one agent run',
    explanation:
      'Nothing could start under this budget, because the ceiling of a single agent run is reserved before it starts. The same holds for "max_cost" with an effort of a fixed price, and where e-mail addresses or telephone numbers come on top of it. Raise the ceiling, lower the effort, or bound contact values with "maxItems".',
    shows: 'load',
  },
  'E-Y49': {
    title: 'Too many attempts',
    explanation:
      '"retry.maximum_attempts" is between 1 and 5. Each attempt can cost money; what fails five times needs another query, not another try.',
    shows: 'load',
  },
  'E-Y50': {
    title: 'Metadata is not allowed so',
    explanation:
      'Metadata are texts of at most 4,096 characters by names of at most 128, at most 32 of them. Names that start with "fieldwork." are kept for Fieldwork, which finds its agent runs by them.',
    shows: 'load',
  },
} as const;

/** P: how the parts of a pipeline fit together. */
export const PIPELINE_CODES = {
  'E-P01': {
    title: 'The file has an unresolved merge conflict',
    explanation:
      'Git left its markers (<<<<<<<, =======, >>>>>>>) in the file. Choose one side and remove the markers.',
    shows: 'load',
  },
  'E-P02': {
    title: 'A step needs either a query or SQL',
    explanation:
      'A step with "query" asks an agent; a step with "sql" computes a table with DuckDB. A step has exactly one of the two, and keys that only make sense for agents cannot stand in a SQL step.',
    shows: 'load',
  },
  'E-P03': {
    title: 'It is not clear where the records are',
    explanation:
      '"records" names the property of the structured output that holds the array of records. When the schema has exactly one such array it is found by itself.',
    shows: 'load',
  },
  'E-P04': {
    title: 'A key column is not in the schema',
    explanation:
      '"key" names columns of the records; each of them must be a property of a record in the schema, or no answer could ever be kept.',
    shows: 'load',
  },
  'E-P05': {
    title: 'A column does not exist',
    explanation:
      'The step or list that is read has no such column. The message lists the ones it has.',
    shows: 'load',
  },
  'E-P06': {
    title: 'An agent is not declared',
    explanation:
      'The agents "exa", "local" and "replay" always exist. Any other is declared in fieldwork.yaml under "agents".',
    shows: 'load',
  },
  'E-P07': {
    title: 'A parameter does not exist',
    explanation:
      'Parameters are declared in the pipeline file under "params" and set with --param name=value.',
    shows: 'load',
  },
  'E-P08': {
    title: 'A parameter has no valid value',
    explanation:
      'The value given with --param, or the default in the file, does not fit the schema of the parameter; or there is neither.',
    shows: 'load',
  },
  'E-P09': {
    title: 'A parameter is not a valid schema',
    explanation:
      'Each parameter is declared by a JSON Schema (draft-07) of a text, number, whole number, boolean or list.',
    shows: 'load',
  },
  'E-P10': {
    title: 'The SQL cannot be read',
    explanation: 'DuckDB could not parse the query. A step holds one SELECT statement.',
    shows: 'load',
  },
  'E-P11': {
    title: 'A step cannot be continued so',
    explanation:
      '"continue" follows up the agent run of an earlier agent step, so the step named must be an agent step with the same agent.',
    shows: 'load',
  },
  'E-P12': {
    title: 'The kind of a source is not known',
    explanation:
      'The kind is told by the ending of the file: .csv, .tsv, .json, .ndjson or .jsonl, .parquet, .duckdb or .db. A DuckDB file also needs "table".',
    shows: 'load',
  },
  'E-P13': {
    title: 'A setting has no effect or contradicts another',
    explanation:
      'Two settings of the step exclude each other, or one needs another that is missing; the message names them.',
    shows: 'load',
  },
  'E-P14': {
    title: 'A step cannot be carried out on the rows that it reads',
    explanation:
      'The SQL or the condition can be read, but DuckDB cannot carry it out on the tables as they are: a value cannot be converted, a function does not take the type, a number is too large. Or a source changed since it was looked over. The table of the step stays as an earlier run left it.',
    shows: 'rows',
  },
} as const;
