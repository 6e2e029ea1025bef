package command

// helpText is a template of the library, too: no double braces.
const helpText = `astrond is one process of an Astron cluster: it runs what CONFIG_FILE asks for,
on a NATS backbone of its own or one that you run.

Usage:
    astrond [options] [CONFIG_FILE]      run; the file is astrond.yml if you name none
    astrond COMMAND [options] ...        one of the tools below

Options:
    -h, --help              Print this text.
    -v, --version           Print the version and what is built in.
    -L, --log FILE          Append the log to FILE, too; it still goes to standard output.
    -l, --loglevel LEVEL    The least important level to log (default: info). From the
                            least to the most important: packet, trace, debug, info,
                            warning, security, error, fatal.
    -p, --pretty            Colour the log, also where standard output is no terminal.
    -b, --boring            Do not colour the log, not even on a terminal.
    --log-format FORMAT     text (default), or json: one object a line.

Commands:
    init [FILE]             Write a small configuration to start from.
    check [FILE]            List all faults of a configuration, with line and column.
    channel CHANNEL ...     Convert channels to NATS subjects, and back.
    drain [NAME ...]        Accept no new clients, and wait until the others have left; --undo
                            accepts them again.
    log [LEVEL [COMPONENT]] Show or change the log level of running processes.
    health [FILE]           Ask whether the process that runs FILE is ready.
    tap [CHANNEL ...]       Watch live traffic, decoded: all of it, or what you ask for.
    top [URL]               Show the status page of a running process in the terminal.
    object DOID             Ask the cluster for an object: class, place, owner, fields;
                            --who-sees: which clients see it.
    client [CHANNEL]        Ask the cluster for a client: interests, objects, rates; --sees:
                            why it sees an object, or does not.
    eject CHANNEL           Disconnect a client, and tell it why.
    send DOID FIELD VALUE   Send an update of a field to an object.
    dc hash|check|fmt|show  Read DC files; dc pack, dc unpack: values of their fields; dc gen:
                            code in TypeScript, Go or Python that knows their classes;
                            dc wireshark: a dissector.
    db get|set|check        Read and change a database; db export, db import: all of it.
    bots ADDRESS ...        Run many game clients against client agents, and check what they see.
    bench world             Measure a made-up world of several processes on this machine.
    version                 Print the version and what is built in.
    Each has a --help of its own. If a configuration file has the name of a command, write
    its folder, too: ./check

astrond changes to the folder of the configuration file before it opens anything that
the file names. SIGTERM and SIGINT stop it in order, after its clients have had the time
of drain_timeout; a second signal stops it at once. It exits with 1 if the configuration
has faults, or if it fails.

Example:
    astrond -l debug /etc/astron/astrond.yml
`

// noConfigurationText answers a call without a file where there is no astrond.yml.
const noConfigurationText = `astrond: there is no astrond.yml in this folder.

astrond runs what a configuration file asks for. You can

    astrond init                      write a small astrond.yml here, which runs as it is
    astrond                           then run it

    astrond /path/to/astrond.yml      or run a file that you have; those of the C++
                                      Astron work as they are

    astrond --help                    see all options and tools
`
