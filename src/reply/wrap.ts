/** Prose of the reply at the width of mail; the table is never wrapped. */

const WIDTH = 76;

/** Wraps at blanks; a word longer than the line stays whole. Following lines start with `indent` blanks. */
export function wrap(text: string, indent = 0, width = WIDTH): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/ +/)) {
    if (line.trim() !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(indent) + word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}

/** List items with a mark in front, wrapped under their own text. */
export function wrapItem(text: string, mark = "- "): string {
  return wrap(`${mark}${text}`, mark.length);
}
