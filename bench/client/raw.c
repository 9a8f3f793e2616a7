/* The raw limit: LIST, every RETR and QUIT on a bare socket in one go, counting octets until the server closes.
 * raw PORT USER PASSWORD COUNT prints milliseconds and octets. Nothing that speaks POP3 can be faster. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void line(int fd) {
  char c;
  while (read(fd, &c, 1) == 1 && c != '\n') {
  }
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int count = atoi(argv[4]), one = 1;
  double start = now();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  line(fd);
  dprintf(fd, "USER %s\r\n", argv[2]);
  line(fd);
  dprintf(fd, "PASS %s\r\n", argv[3]);
  line(fd);
  char *out = malloc(64 + 24 * (size_t)count), *in = malloc(1 << 18);
  size_t length = sprintf(out, "LIST\r\n"), sent = 0;
  for (int i = 1; i <= count; i++) length += sprintf(out + length, "RETR %d\r\n", i);
  length += sprintf(out + length, "QUIT\r\n");
  fcntl(fd, F_SETFL, O_NONBLOCK);
  long long octets = 0;
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN | (sent < length ? POLLOUT : 0)};
    poll(&p, 1, -1);
    if (p.revents & POLLOUT) {
      ssize_t n = write(fd, out + sent, length - sent);
      if (n > 0) sent += n;
    }
    if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t n = read(fd, in, 1 << 18);
      if (n == 0 || (n < 0 && errno != EAGAIN)) break;
      if (n > 0) octets += n;
    }
  }
  printf("%.1f %lld\n", now() - start, octets);
  return 0;
}
