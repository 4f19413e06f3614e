import {
  before,
  compare,
  during,
  from,
  known,
  noneOf,
  oneOf,
  quoted,
  ranked,
  type QuerySet,
} from './template.ts';

const GENRES = ['Comedy', 'Drama', 'Horror', 'Adventure', 'Musical', 'Romantic Comedy'];
const RATINGS = ['PG', 'PG-13', 'R', 'G', 'NC-17'];
const STUDIOS = ['Warner Bros.', 'Universal', 'Miramax', 'Lionsgate', 'Sony Pictures Classics'];
const DIRECTORS = [
  'Steven Spielberg',
  'Woody Allen',
  'Ridley Scott',
  'Clint Eastwood',
  'Spike Lee',
];
const TYPES = ['Science Fiction', 'Historical Fiction', 'Fantasy', 'Super Hero', 'Kids Fiction'];
const MONEY = [
  ['$50M', 50_000_000],
  ['100 million dollars', 100_000_000],
  ['$75 million', 75_000_000],
  ['$120M', 120_000_000],
  ['$1.5M', 1_500_000],
] as const;

const day = `strptime("Release Date", '%b %d %Y')`;
const released = (first: number, last: number = first): string =>
  `year(${day}) between ${first} and ${last}`;

/** Films, as people ask for them. */
export const MOVIES: QuerySet = {
  name: 'movies',
  list: 'movies',
  label: 'Title',
  slots: {
    title: { type: 'string', column: 'Title' },
    director: { type: 'string', column: 'Director' },
    imdb_rating: { type: 'number', column: 'IMDB Rating' },
    worldwide_gross: { type: 'integer', column: 'Worldwide Gross' },
    distributor: { type: 'string', column: 'Distributor' },
  },
  templates: [
    {
      name: 'director',
      ask: (chance) => {
        const name = chance.pick(DIRECTORS);
        return {
          text: chance.pick([
            `movies directed by ${name}`,
            `all ${name} movies`,
            `films by director ${name}`,
          ]),
          gold: [oneOf('Director', name)],
          where: `"Director" = ${quoted(name)}`,
        };
      },
    },
    {
      name: 'genre and year',
      ask: (chance) => {
        const [genre, year] = [chance.pick(GENRES), 1990 + chance.below(20)];
        return {
          text: chance.pick([
            `${genre.toLowerCase()} movies released in ${year}`,
            `find movies with major genre ${genre} released during ${year}`,
          ]),
          gold: [oneOf('Major Genre', genre), ...during('Release Date', year)],
          where: `"Major Genre" = ${quoted(genre)} and ${released(year)}`,
        };
      },
    },
    {
      name: 'budget',
      ask: (chance) => {
        const [words, value] = chance.pick(MONEY);
        const [more, operator] = chance.pick([
          ['more than', '>'],
          ['over', '>'],
          ['at least', '>='],
          ['under', '<'],
          ['less than', '<'],
        ] as const);
        return {
          text: chance.pick([
            `movies with a production budget of ${more} ${words}`,
            `movies whose production budget is ${more} ${words}`,
          ]),
          gold: [compare('Production Budget', operator, value)],
          where: `"Production Budget" ${operator} ${value}`,
        };
      },
    },
    {
      name: 'rating range',
      ask: (chance) => {
        const low = 5 + chance.below(3);
        const high = low + 0.5 + chance.below(3) / 2;
        const votes = 50_000 + chance.below(3) * 25_000;
        return {
          text: `movies with an IMDB rating between ${low} and ${high} and more than ${votes / 1000},000 IMDB votes`,
          gold: [
            compare('IMDB Rating', '>=', low),
            compare('IMDB Rating', '<=', high),
            compare('IMDB Votes', '>', votes),
          ],
          where: `"IMDB Rating" between ${low} and ${high} and "IMDB Votes" > ${votes}`,
        };
      },
    },
    {
      name: 'two ratings',
      ask: (chance) => {
        const [one = 'PG', two = 'R'] = chance.some(RATINGS, 2);
        const year = 1995 + chance.below(14);
        return {
          text: chance.pick([
            `movies rated ${one} or ${two} released after ${year}`,
            `${one} or ${two} movies released after ${year}`,
          ]),
          gold: [oneOf('MPAA Rating', one, two), from('Release Date', `${year + 1}-01-01`)],
          where: `"MPAA Rating" in (${quoted(one)}, ${quoted(two)}) and year(${day}) > ${year}`,
        };
      },
    },
    {
      name: 'top by gross',
      ask: (chance) => {
        const [count, type] = [3 + chance.below(12), chance.pick(TYPES)];
        return ranked(
          chance.pick([
            `the top ${count} ${type.toLowerCase()} movies by worldwide gross`,
            `the ${count} ${type} movies with the highest worldwide gross`,
          ]),
          ['Creative Type', type],
          ['Worldwide Gross', 'desc'],
          count,
        );
      },
    },
    {
      name: 'distributor but not genre',
      ask: (chance) => {
        const [studio, genre] = [chance.pick(STUDIOS), chance.pick(['Comedy', 'Drama', 'Action'])];
        return {
          text: chance.pick([
            `movies distributed by ${studio}, excluding ${genre.toLowerCase()}`,
            `${studio} movies except ${genre}`,
          ]),
          gold: [oneOf('Distributor', studio), noneOf('Major Genre', genre)],
          where: `"Distributor" = ${quoted(studio)} and "Major Genre" <> ${quoted(genre)}`,
        };
      },
    },
    {
      name: 'decade',
      ask: (chance) => {
        const [decade, genre] = [chance.pick([1970, 1980, 1990]), chance.pick(GENRES)];
        const minutes = 100 + chance.below(3) * 10;
        return {
          text: `${genre} movies released in the ${decade}s with a running time over ${minutes} minutes`,
          gold: [
            oneOf('Major Genre', genre),
            ...during('Release Date', decade, decade + 9),
            compare('Running Time min', '>', minutes),
          ],
          where: `"Major Genre" = ${quoted(genre)} and ${released(decade, decade + 9)} and "Running Time min" > ${minutes}`,
        };
      },
    },
    {
      name: 'no rating known',
      ask: (chance) => {
        const studio = chance.pick(STUDIOS);
        return {
          text: chance.pick([
            `movies from ${studio} without an MPAA rating`,
            `${studio} movies that have no MPAA rating`,
          ]),
          gold: [oneOf('Distributor', studio), known('MPAA Rating', false)],
          where: `"Distributor" = ${quoted(studio)} and "MPAA Rating" is null`,
        };
      },
    },
    {
      name: 'years and score',
      heldOut: true,
      ask: (chance) => {
        const [first, score] = [1985 + chance.below(15), 60 + chance.below(7) * 5];
        return {
          text: chance.pick([
            `Which movies came out from ${first} to ${first + 4} and have a Rotten Tomatoes rating of ${score} or higher?`,
            `List films released between ${first} and ${first + 4} that score ${score}+ on Rotten Tomatoes rating.`,
          ]),
          gold: [
            ...during('Release Date', first, first + 4),
            compare('Rotten Tomatoes Rating', '>=', score),
          ],
          where: `${released(first, first + 4)} and "Rotten Tomatoes Rating" >= ${score}`,
        };
      },
    },
    {
      name: 'cheapest',
      heldOut: true,
      ask: (chance) => {
        const [count, director] = [2 + chance.below(4), chance.pick(DIRECTORS)];
        return ranked(
          chance.pick([
            `Give me the ${count} lowest-grossing movies by US gross that ${director} directed.`,
            `${count} movies by ${director} with the lowest US gross`,
          ]),
          ['Director', director],
          ['US Gross', 'asc'],
          count,
        );
      },
    },
    {
      name: 'before a month',
      heldOut: true,
      ask: (chance) => {
        const [year, source] = [
          1999 + chance.below(9),
          chance.pick(['Remake', 'Based on TV', 'Based on Game']),
        ];
        return {
          text: `movies whose source is "${source}" and whose release date is before March ${year}`,
          gold: [oneOf('Source', source), before('Release Date', `${year}-03-01`)],
          where: `"Source" = ${quoted(source)} and ${day} < '${year}-03-01'`,
        };
      },
    },
  ],
};
