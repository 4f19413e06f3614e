/** Texts that tell a reader what to do or to answer, and forms to be filled in; they state nothing. */
const STEERING: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override)\b[^.]{0,40}\b(?:instructions?|prompts?|rules|guidelines)\b/iu,
  /\b(?:new task|new instructions?|system prompt|end of (?:the )?(?:document|data|context|input))\b/iu,
  /<\/?(?:system|assistant|user|instructions?)>/iu,
  /\b(?:system|assistant|user)\s*:\s*(?:please|you|set|ignore|answer|output)\b/iu,
  /(?:^|[.:;!]\s*|\b(?:please|must|to|and)\s+)(?:output|respond|answer|report|reply|return|set)\b[^.]{0,30}\b\w+\s*=\s*\S/iu,
  /\bin your (?:answer|output|response|reply)\b/iu,
  /\{\{|\}\}|\$\{|<%|%>/u,
];

/** Whether nothing in the text may be taken for a fact: it is written to steer whoever reads it. */
export const isSteering = (text: string): boolean => STEERING.some((it) => it.test(text));
