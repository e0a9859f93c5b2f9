//! A receiver of notices: a small HTTP server that keeps what comes, and answers as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Notice {
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Listens on a loopback port for as long as the process lives.
pub struct Receiver {
    pub url: String,
    notices: Arc<Mutex<Vec<Notice>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl Receiver {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (notices, answers) = (Arc::<Mutex<Vec<Notice>>>::default(), Arc::<Mutex<VecDeque<String>>>::default());
        let (kept, told) = (notices.clone(), answers.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let (kept, told) = (kept.clone(), told.clone());
                std::thread::spawn(move || answer(stream, &kept, &told));
            }
        });
        Self { url, notices, answers }
    }

    /// The next answers: a status each, and headers behind it; after them 204. `hang` keeps the sender waiting.
    pub fn will_answer(&self, answers: &[&str]) {
        self.answers.lock().unwrap().extend(answers.iter().map(|answer| (*answer).to_owned()));
    }

    /// What came, in order.
    pub fn notices(&self) -> Vec<Notice> {
        self.notices.lock().unwrap().clone()
    }

    /// The places in the log of what came, in order.
    pub fn seqs(&self) -> Vec<i64> {
        self.notices().iter().map(|notice| notice.json()["data"]["seq"].as_i64().unwrap()).collect()
    }

    /// Waits until so many came.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Notice> {
        for _ in 0..600 {
            let notices = self.notices();
            if notices.len() >= count {
                return notices;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{} notices came in thirty seconds, not {count}", self.notices().len());
    }
}

fn answer(stream: TcpStream, kept: &Mutex<Vec<Notice>>, told: &Mutex<VecDeque<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    kept.lock().unwrap().push(Notice { headers, body: String::from_utf8(body).unwrap() });
    let answer = told.lock().unwrap().pop_front().unwrap_or_else(|| "204".to_owned());
    if answer == "hang" {
        return std::thread::sleep(std::time::Duration::from_secs(60));
    }
    let (status, more) = answer.split_once(' ').unwrap_or((&answer, ""));
    let more = if more.is_empty() { String::new() } else { format!("{more}\r\n") };
    let text = format!("HTTP/1.1 {status} Said\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
    // whoever sent it may not listen any more
    drop((&stream).write_all(text.as_bytes()));
}
