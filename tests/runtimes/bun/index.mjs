export const bun = [];
