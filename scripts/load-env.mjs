/** Settings of a file `.env` beside package.json, where there is one. What is in the environment already stays. */
try {
  process.loadEnvFile();
} catch (error) {
  if (error.code !== 'ENOENT') {
    console.error(`The settings in .env cannot be read: ${error.message}`);
    process.exit(1);
  }
}
