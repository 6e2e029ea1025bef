// Package e2e tests whole daemons: the real binary, its configuration file, its
// log, real sockets and real signals. Nothing is imported from package app; what
// is known of a daemon is what an operator knows.
//
// Daemons listen on ports that the system chooses, and say in their log which. Tests run together, as
// most wait most of their time: go test -parallel 6 ./e2e.
//
// # A daemon by itself
//
//   - life_test.go: How a daemon starts, logs and ends.
//   - mistakes_test.go: Mistakes of operators, in configurations and on the command line, and what they are told.
//   - loglevel_test.go: The log's level, shown and changed while a daemon runs.
//   - unheard_test.go: What goes to nobody, and how that is told.
//   - transport_test.go: All transports of a client agent at once: TCP, TLS, WebSocket, PROXY; also from a browser and Node.
//   - stateserver_test.go: The state server's scripts, played against whole daemons, also with each role in its own process.
//   - dc_test.go: astrond dc, which checks and shows DC files.
//   - otp_test.go: Processes and clients of Disney's dialect, together with Astron's.
//
// # A cluster
//
//   - cluster_test.go: Processes on one backbone: they join, are killed, frozen and end; the backbone is lost.
//   - greet_test.go: Newcomers are greeted: who serves what already, who has other DC files, who lacks permissions.
//   - backatonce_test.go: Who connects again at once comes behind what its dead process left.
//   - aiprocess_test.go: An AI process is killed: its objects end, and no others.
//   - rightbehind_test.go: What is sent right behind an object's creation arrives.
//   - stateserverlife_test.go: State servers of one process: when they serve, and how they end.
//   - clientagent_test.go: A client agent is killed, or has no backbone.
//   - drain_test.go: A client agent that drains lets no new clients in, and ends when the others have left.
//   - resume_test.go: Clients that come back: after a lost connection, and while all client agents restart.
//   - database_test.go: A database that is killed again and again, has a rival, or more to do than it can.
//   - dbss_test.go: Stored objects on each storage backend, activated again after a kill.
//   - dbss_far_test.go: A database-state server in another process than its database.
//
// # What survives
//
//   - survival_test.go: State servers that survive: killed, away, replaced by a standby, handed over.
//   - survival_cluster_test.go: A state server's log on three NATS servers, of which some are killed.
//   - survival_dbss_test.go: Database-state servers that survive, and the post-removes that they get.
//   - kepthost_test.go: What the tests of survival share: processes, and somebody who counts what is heard.
//   - faults_test.go: A game goes on while one process after another is killed: sessions, values, nothing lost.
//   - faults_ai_test.go: The AIs of that game.
//   - faults_client_test.go: The clients of that game.
//   - faults_cluster_test.go: The cluster of that game.
//
// # What an operator sees and does
//
//   - operator_test.go: astrond tap: what goes over the backbone.
//   - operate_test.go: astrond client, object, send and eject.
//   - object_test.go: astrond object: where an object is, or why it is nowhere.
//   - web_test.go: The web server of a process: its state, readiness and metrics, and astrond top.
//   - page_test.go: The status pages, clicked through in a browser.
//   - alerts_test.go: The alert rules, as promtool and Prometheus themselves take them.
//   - eventlogger_test.go: The event logger, and what other processes tell it.
//   - wireshark_test.go: Wireshark shows what really goes over the wires of a cluster: to a client, to an AI, and to NATS.
//   - town_test.go: The cluster of five processes that these tests look at.
//
// # Examples, and what the documents say
//
//   - examples_test.go: The examples hello, otp and panda3d, run as their READMEs say, but for the ports.
//   - arena_test.go: The game in the browser, with its Go program and with its Python twin.
//   - uberdog_test.go: The example of a role of a game's own.
//   - startorder_test.go: Processes that start before those that they need.
//   - clientclass_test.go: The example of a client class of a game's own.
//   - nats_test.go: The example of a program on plain NATS.
//   - tutorial_test.go: The tutorial, step by step.
//   - docs_test.go: The statements in the documents that a test can check.
//   - neovim_test.go: The language server in Neovim.
//   - public_test.go: Go code of other modules, with public packages alone.
//   - migration_test.go: The steps of docs/migration.md, with the C++ daemon.
//   - composefile_test.go: docker-compose.yml, and everything that it names.
//   - compose_test.go: The cluster of docker-compose.yml without containers.
//   - docker_test.go: The cluster of docker-compose.yml in a real engine.
//
// # Load, and comparisons
//
//   - bots_test.go: astrond bots, against the arena and what stands between.
//   - bench_test.go: astrond bench world: what it starts, measures and writes.
//   - hosts_linux_test.go: Hosts of a network, made of namespaces: packets are late or lost, a host is cut off.
//   - hosts_world_linux_test.go: astrond bench world on several such hosts, as docs/scale.md has it.
//   - clientagent_bench_test.go: What an idle client costs.
//   - dbss_bench_test.go: How fast objects of a database become active, and what they cost.
//   - eventlogger_bench_test.go: How many events a daemon takes.
//   - walk_bench_test.go: What avatars that walk cost.
//   - compare_test.go: Random sequences, sent to the C++ Astron and to us: everybody must hear the same.
//   - compare_generator_test.go: How those sequences are made.
//   - compare_parts_test.go: The parts that messages of the sequences are made of.
//   - compare_send_test.go: How a step is sent.
//   - compare_hearer_test.go: Who hears, and until when.
//   - compare_text_test.go: What was heard, as text.
//   - compare_known_test.go: What may differ, with the reason.
//   - compare_world_test.go: The participants and clients of a sequence.
//   - compare_rival_test.go: The two daemons that are compared.
//
// # What they all use
//
//   - daemon_test.go: Programs are built and run; what they say is waited for.
//   - files_test.go: Files are read and written.
//   - speaker_test.go: A participant that speaks in text.
//   - gamesession_test.go: The game of examples/hello, played by made-up clients and AIs.
//   - freeze_unix_test.go: Processes are stopped with a signal.
//   - freeze_other_test.go: Systems that cannot stop a process.
package e2e
