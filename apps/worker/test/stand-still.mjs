// Loaded with node --import: at SIGUSR2 this process does nothing else for three seconds.
process.on("SIGUSR2", () => {
  process.stdout.write("- standing still for 3 s\n");
  const end = performance.now() + 3000;
  while (performance.now() < end);
  process.stdout.write("- going on\n");
});
