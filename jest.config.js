/** Two projects: `unit` is the default test command, `long` holds the crash and whole-year suites (npm run test:long). */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};

export default {
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
    { ...base, displayName: 'long', testMatch: ['<rootDir>/test/**/*.long.ts'] },
  ],
};
