import { pick, type Random } from '../random.ts';

/** A memory as a chat brings it. */
export interface Turn {
  readonly content: string;
  readonly conversationId: string;
  readonly source: string;
}

const turnsPerConversation = 20;

const words = (list: string): readonly string[] => list.trim().split(/,\s+/);

const people = words(`
  Ada, Ben, Chloe, Dario, Elif, Farid, Greta, Hugo, Ines, Jonas, Kira, Leon
`);
const relations = words(`
  my sister, a friend, my neighbour, the coach, my boss, our teacher, my aunt, the kids
`);
const times = words(`
  yesterday, last week, this morning, on Sunday, two years ago, in March, before the holidays, every Friday,
  late at night, next month, when it rained, after work, on my birthday, in the summer
`);
const places = words(`
  at home, in the park, at the lake, downtown, at the office, in Lisbon, on the train, at the museum,
  by the sea, in the garden, at the airport, in a small café, up in the mountains, at the hospital,
  in the old library, at the market, on the balcony, behind the school
`);
const verbs = words(`
  finished, started, bought, lost, found, painted, repaired, planned, cooked, sold, visited, photographed,
  forgot, recorded, borrowed, cleaned, ordered, broke, designed, translated
`);
const adjectives = words(`
  new, old, wooden, cheap, beautiful, strange, heavy, quiet, blue, borrowed, handmade, noisy, broken, tiny,
  rare, colourful, long, expensive, soft, rusty, famous, unfinished
`);
const things = words(`
  guitar, bicycle, book, painting, cake, lamp, camera, jacket, garden bench, letter, puzzle, sculpture, recipe,
  map, telescope, piano, boat, quilt, drone, violin, tent, vase, clock, novel, poster, kite, mirror, ring,
  suitcase, chess set, record player, wardrobe, hammock, sewing machine, aquarium, fence, carpet, teapot,
  keyboard, microscope, sledge, necklace, lantern, printer, birdhouse, skateboard, notebook, radio, sail,
  windmill
`);
const feelings = words(`
  happy, tired, proud, nervous, curious, relieved, annoyed, grateful, a bit lost, full of hope, overwhelmed,
  calm, surprised, jealous, inspired
`);
const topics = words(`
  the marathon, the new job, the wedding, school, the garden, the concert, my health, the house, the adoption,
  politics, the dog, the trip to Norway, pottery, the exam, climate, volunteering
`);

type Sentence = (random: Random) => string;

const sentences: readonly Sentence[] = [
  (r) => `I ${pick(r, verbs)} a ${pick(r, adjectives)} ${pick(r, things, 1.6)} ${pick(r, places)} ${pick(r, times)}.`,
  (r) =>
    `${pick(r, people)} and ${pick(r, relations)} ${pick(r, verbs)} the ${pick(r, things, 1.6)} ${pick(r, times)}.`,
  (r) => `It made me ${pick(r, feelings)}, especially because of ${pick(r, topics, 1.4)}.`,
  (r) => `Have you ever seen ${pick(r, people)}'s ${pick(r, adjectives)} ${pick(r, things, 1.6)}?`,
  (r) => `We talked about ${pick(r, topics, 1.4)} for ${2 + Math.floor(58 * r())} minutes ${pick(r, places)}.`,
  (r) => `I feel ${pick(r, feelings)} about ${pick(r, topics, 1.4)} these days.`,
  (r) => `The ${pick(r, things, 1.6)} cost ${5 + Math.floor(900 * r() ** 2)} euros, can you believe it?`,
  (r) => `${pick(r, people)} promised to bring the ${pick(r, adjectives)} ${pick(r, things, 1.6)} ${pick(r, times)}.`,
  (r) => `Wow, that sounds great! How did ${pick(r, relations)} like it?`,
  (r) => `My plan is to go ${pick(r, places)} ${pick(r, times)} and take the ${pick(r, things, 1.6)} along.`,
];

const inquiries: readonly Sentence[] = [
  (r) => `What did ${pick(r, people)} say about ${pick(r, topics, 1.4)} ${pick(r, times)}?`,
  (r) => `Who ${pick(r, verbs)} the ${pick(r, adjectives)} ${pick(r, things, 1.6)} ${pick(r, places)}?`,
  (r) => `Why was ${pick(r, people)} so ${pick(r, feelings)} about the ${pick(r, things, 1.6)} ${pick(r, times)}?`,
];

/** What the reference load asks again and again. */
export const repeatedQueries = [
  'What did Ada buy for the garden?',
  'Who talked about the marathon?',
  'How does Ben feel about the new job?',
  'Where was the old guitar repaired?',
  'When did we visit the museum by the sea?',
] as const;

/** Questions about the dialogue, no two alike. */
export function* questions(random: Random): Generator<string, never> {
  const asked = new Set<string>();
  for (;;) yield unsaid(asked, () => pick(random, inquiries)(random));
}

/** Chat of no meaning but of real shape: 40–400 characters a turn, no two alike, the same for the same random numbers. */
export function* dialogue(random: Random): Generator<Turn, never> {
  const said = new Set<string>();
  for (let conversation = 1; ; conversation += 1) {
    const speakers = [pick(random, people), pick(random, people)];
    for (let turn = 1; turn <= turnsPerConversation; turn += 1) {
      const content = unsaid(said, () => `${speakers[turn % 2]}: ${remark(random)}`);
      yield { content, conversationId: `chat-${conversation}`, source: `chat-${conversation}/${turn}` };
    }
  }
}

function remark(random: Random): string {
  const length = 30 + Math.floor(330 * random() ** 2);
  let text = pick(random, sentences)(random);
  while (text.length < length) {
    const next = ` ${pick(random, sentences)(random)}`;
    if (text.length + next.length > 390) break;
    text += next;
  }
  return text;
}

function unsaid(said: Set<string>, say: () => string): string {
  let text = say();
  while (said.has(text) || text.length < 40) text = say();
  said.add(text);
  return text;
}
