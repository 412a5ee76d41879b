<?php
// Receives plays from the relay (body: ndjson) and stores each once.
// POP_STORE=events.db php -S 127.0.0.1:PORT receive.php
declare(strict_types=1);

const LARGEST = 4 * 1024 * 1024;

function answer(int $status, string $text): void
{
    http_response_code($status);
    header('Content-Type: text/plain; charset=utf-8');
    echo $text;
}

/** Stores the events that are new, all in one transaction. Returns how many those are. */
function store(PDO $database, array $events): int
{
    $database->exec('BEGIN IMMEDIATE');
    try {
        // A repeat has the same bytes and is left out; other bytes under a known uuid are another play.
        $insert = $database->prepare(
            'INSERT INTO plays_by_uuid_and_hash (uuid, hash, event) VALUES (?, ?, ?)'
            . ' ON CONFLICT (uuid, hash) DO NOTHING'
        );
        $new = 0;
        foreach ($events as [$uuid, $line]) {
            $insert->bindValue(1, $uuid);
            $insert->bindValue(2, hash('sha256', $line, true), PDO::PARAM_LOB);
            $insert->bindValue(3, $line, PDO::PARAM_LOB);
            $insert->execute();
            $new += $insert->rowCount();
        }
        $database->exec('COMMIT');
        return $new;
    } catch (PDOException $problem) {
        $database->exec('ROLLBACK');
        throw $problem;
    }
}

function take(): void
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        answer(405, 'POST is right');
        return;
    }
    $authorization = (string) getenv('POP_AUTHORIZATION');
    if ($authorization !== '' && !hash_equals($authorization, $_SERVER['HTTP_AUTHORIZATION'] ?? '')) {
        answer(401, 'wrong credentials');
        return;
    }
    if (isset($_SERVER['HTTP_CONTENT_ENCODING'])) {
        answer(415, 'send it uncompressed');
        return;
    }
    $body = (string) file_get_contents('php://input', false, null, 0, LARGEST + 1);
    if (strlen($body) > LARGEST) {
        answer(413, 'send smaller batches');
        return;
    }
    $events = [];
    foreach (explode("\n", $body) as $line) {
        if ($line === '') {
            continue;
        }
        $event = json_decode($line);
        if (!is_object($event) || !is_string($event->uuid ?? null) || $event->uuid === '') {
            answer(422, 'not an event');
            return;
        }
        $events[] = [$event->uuid, $line];
    }
    try {
        $database = new PDO('sqlite:' . getenv('POP_STORE'));
        $database->exec('PRAGMA busy_timeout = 10000');
        // The key is in the name: a table with another key, which may be there, would stay as it is.
        $database->exec(
            'CREATE TABLE IF NOT EXISTS plays_by_uuid_and_hash'
            . ' (uuid TEXT NOT NULL, hash BLOB NOT NULL, event BLOB NOT NULL, PRIMARY KEY (uuid, hash))'
        );
        // Answered only when the transaction is on disk.
        answer(200, 'stored ' . store($database, $events) . ' new events');
    } catch (PDOException $problem) {
        header('Retry-After: 5');
        answer(503, 'cannot store now');
    }
}

take();
