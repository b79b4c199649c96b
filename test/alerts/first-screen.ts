/** What a reader sees on the page before anything else, as lines of text, from its markup. */
import assert from 'node:assert/strict';

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** From the verdict to the cards: the sentence, what changed, what is unseen, the nodes at risk and the notes, a line each. */
export function firstScreen(page: string): string[] {
  const [, screen] = /<p class="lead">([\s\S]*?)<div class="cards">/.exec(page) ?? [];
  assert.ok(screen !== undefined, 'the page has a first screen');
  return screen
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<details>.*?<\/details>/g, ' ')
    .replaceAll(/<\/(p|li|h2|ul|ol)>/g, '\n')
    .replaceAll(/<button.*?<\/button>/g, ' ')
    .replaceAll(/<\/?(div|a|b|summary)\b[^>]*>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .split('\n')
    .map((line) => line.replaceAll(/ +/g, ' ').trim())
    .filter((line) => line !== '');
}
