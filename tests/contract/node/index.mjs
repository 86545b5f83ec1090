// The tests that only Node can run.

export const nodeSubjects = {};
