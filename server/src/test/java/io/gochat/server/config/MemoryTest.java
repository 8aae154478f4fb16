package io.gochat.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryTest {
  @TempDir
  private Path root;

  @BeforeEach
  void a_machine_with_a_gigabyte() throws IOException {
    write("proc/meminfo", "MemTotal:        1048576 kB\nMemFree:          1000 kB\n");
  }

  @Test
  void without_control_groups_it_is_the_machines_memory() {
    assertThat(processBytes()).isEqualTo(1L << 30);
  }

  @Test
  void the_tightest_limit_between_a_group_and_the_root_counts() throws IOException {
    write("proc/self/cgroup", "0::/app/server\n");
    write("cgroup/app/server/memory.max", "max\n");
    write("cgroup/app/memory.max", "268435456\n");
    write("cgroup/memory.max", "536870912\n");

    assertThat(processBytes()).isEqualTo(256 << 20);
  }

  @Test
  void in_a_container_the_root_is_the_group() throws IOException {
    write("proc/self/cgroup", "0::/../../etc\n");
    write("cgroup/memory.max", "134217728\n");

    assertThat(processBytes()).isEqualTo(128 << 20);
    write("proc/self/cgroup", "0::/\n");
    assertThat(processBytes()).isEqualTo(128 << 20);
  }

  @Test
  void older_control_groups_have_another_file() throws IOException {
    write("proc/self/cgroup", "12:cpu,cpuacct:/x\n4:memory:/docker/1\n");
    write("cgroup/memory/docker/1/memory.limit_in_bytes", "134217728\n");
    write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

    assertThat(processBytes()).isEqualTo(128 << 20);
  }

  @Test
  void where_nothing_tells_it_is_not_known() {
    assertThat(Memory.processBytes(root.resolve("none"), root.resolve("none"))).isEmpty();
  }

  private long processBytes() {
    return Memory.processBytes(root.resolve("proc"), root.resolve("cgroup")).orElseThrow();
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
