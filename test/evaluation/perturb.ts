import type { Chance } from './chance.ts';

/** A name as another list may write it: the same thing, spelled differently. */
export function perturbed(name: string, chance: Chance): string {
  return chance.pick(WAYS)(name, chance);
}

const WAYS: readonly ((name: string, chance: Chance) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => name.toLowerCase(),
  (name) => ` ${name}  `,
  (name, chance) => `${name}${chance.pick([' Inc.', ', Inc.', ' GmbH', ' Ltd', ' LLC', ' Corp.'])}`,
  (name) => `The ${name}`,
  (name) => (name.includes('&') ? name.replaceAll('&', 'and') : name.replace(/ and /giu, ' & ')),
  (name) => name.replaceAll(/[.’']/gu, ''),
  (name, chance) => typo(name, chance),
  (name) => {
    const words = name.split(' ');
    return words.length === 2 ? `${words[1]}, ${words[0]}` : name;
  },
];

/** One letter doubled, dropped or swapped with its neighbour; short names stay as they are. */
function typo(name: string, chance: Chance): string {
  if (name.length < 7) return name;
  const at = 2 + chance.below(name.length - 4);
  const [head, first, second, tail] = [
    name.slice(0, at),
    name.slice(at, at + 1),
    name.slice(at + 1, at + 2),
    name.slice(at + 2),
  ];
  return chance.pick([
    head + first + first + second + tail,
    head + second + tail,
    head + second + first + tail,
  ]);
}
