//! What Amazon ECR is asked beside passwords, by the same keys.

use super::super::mint::Service;
use super::Ecr;
use crate::failure::Fallible;
use async_trait::async_trait;

#[async_trait]
impl Service for Ecr {
    async fn call(&self, method: &str, body: &str, doing: &str) -> Fallible<Vec<u8>> {
        let reply = self.asked(method, body).await?;
        match reply.status.is_success() {
            true => Ok(reply.body),
            false => Err(self.bureau.refused(&reply, doing)),
        }
    }
}
